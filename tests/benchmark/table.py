"""The table: what was measured, and how cc-ci compares with each of its peers."""

import statistics

WIDTHS = (57, 11, 11, 24, 13, 8)
UNITS = ((1.0, "s", 2), (1e-3, "ms", 2), (0, "us", 1))


def quantile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def time_text(seconds):
    for unit, name, digits in UNITS:
        if abs(seconds) >= unit:
            return f"{seconds / max(unit, 1e-6):.{digits}f} {name}"
    raise AssertionError


def rate_text(per_second):
    return f"{per_second / 1e6:.0f} MB/s"


def count_text(per_second):
    return f"{per_second / 1e3:.0f} k/s"


def size_text(megabytes):
    return f"{megabytes:.2f} MB"


def share_text(part):
    return f"{part * 100:.0f} %"


def ratio_text(ratio):
    return f"{ratio:.2f}" if abs(ratio) < 10 else f"{ratio:.0f}"


def slow(values, text):
    """The slowest but one in a hundred, which of a rate is a low one."""
    return quantile(values, 0.01 if text in (rate_text, count_text) else 0.99)


class Ratio:
    """That of cc-ci to a peer, of each round by itself, since a round is slow for all of them."""

    def __init__(self, ours, peers):
        self.of_rounds = [a / b for a, b in zip(ours, peers)]

    @property
    def median(self):
        return statistics.median(self.of_rounds)

    def __str__(self):
        low, high = (quantile(self.of_rounds, part) for part in (0.25, 0.75))
        return f"{ratio_text(self.median)} ({ratio_text(low)} to {ratio_text(high)})"


class Table:
    def __init__(self):
        self.missed = []
        self.title = ""

    @staticmethod
    def line(*cells):
        first, *others = cells
        padded = [first.ljust(WIDTHS[0])]
        padded += [cell.rjust(width) for cell, width in zip(others, WIDTHS[1:])]
        print("".join(padded).rstrip(), flush=True)

    def heading(self, title):
        self.title = title
        print()
        self.line(title, "median", "p99", "cc-ci is, of this", "aim", "")

    def row(self, name, median, p99="", ratio="", aim="", met=None):
        """`met`: whether the aim was; None where there is none."""
        if met is False:
            self.missed.append(f"{self.title}: {name}")
        verdict = "" if met is None else "met" if met else "MISSED"
        self.line("  " + name, median, p99, ratio, aim, verdict)

    def ours(self, name, values, text=time_text, at_most=None):
        """What cc-ci takes; `at_most` is an aim for the median."""
        median = statistics.median(values)
        aim = "" if at_most is None else f"<= {text(at_most)}"
        self.row(name, text(median), text(slow(values, text)), "", aim,
                 None if at_most is None else median <= at_most)

    def ours_p99(self, name, values, at_most):
        """Of what cc-ci takes, the slowest but one in a hundred."""
        p99 = slow(values, time_text)
        self.row(name, "", time_text(p99), "", f"<= {time_text(at_most)}", p99 <= at_most)

    def peer(self, name, values, ours, text=time_text, at_most=None, at_least=None):
        """What a peer takes in the same rounds; the aims are for the ratio."""
        ratio = Ratio(ours, values)
        aim, met = "", None
        if at_most is not None:
            aim, met = f"<= {at_most:g}", ratio.median <= at_most
        if at_least is not None:
            aim, met = f">= {at_least:g}", ratio.median >= at_least
        self.row(name, text(statistics.median(values)), text(slow(values, text)), str(ratio),
                 aim, met)

    def limit(self, name, values, ours, at_most):
        """A limit, of which cc-ci may be `at_most` seconds away."""
        over = statistics.median(a - b for a, b in zip(ours, values))
        self.row(name, time_text(statistics.median(values)), time_text(slow(values, time_text)),
                 f"+{time_text(over)}", f"<= +{time_text(at_most)}", over <= at_most)
