"""Output of a job, on its way to the step: throughput, latency of a line, and the journal."""

import subprocess
import time

from bench import SYSTEMD_RUN
from processes import NULL, cpu_seconds, fail, pid_of
from table import count_text, rate_text, share_text

AT_ONCE = ["--property=LogRateLimitIntervalSec=1s", "--property=LogRateLimitBurst=10000000"]


def piped(argv, reader, env=None):
    """What the reader says of the output of argv."""
    with subprocess.Popen(argv, stdin=NULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env=env) as writer:
        read = subprocess.run(reader, stdin=writer.stdout, capture_output=True, text=True,
                              check=False)
        writer.stdout.close()
    if writer.returncode != 0 or read.returncode != 0:
        fail(f"{argv}: {writer.returncode}, reader {read.returncode}: {read.stderr}")
    return read.stdout


def throughput(bench, title, size, line, without_systemd=False):
    job = [bench.program("flood"), str(size), str(line)]
    drain = [bench.program("drain"), str(line)]

    def rate(argv):
        count, nanoseconds = map(int, piped(argv, drain).split())
        bench.check(count == size // line * line, f"{count} bytes of {size}")
        return count / nanoseconds * 1e9

    options = ["--manager", "none"] if without_systemd else []
    variants = {
        "ours": lambda: rate(bench.run(options, job)),
        "systemd-run": lambda: rate([*SYSTEMD_RUN, "--", *job]),
        "pipe": lambda: rate(job),
    }
    values = bench.interleaved(variants, 0.05, warm_up=1)
    ours, table = values["ours"], bench.table
    table.heading(title)
    table.ours(" ".join(["cc-ci run", *options]), ours, rate_text)
    table.peer("systemd-run --pipe", values["systemd-run"], ours, rate_text)
    table.peer("a bare pipe", values["pipe"], ours, rate_text, at_least=0.5)


def entries(match):
    with subprocess.Popen(["journalctl", "--quiet", "--output=cat", "--output-fields=MESSAGE", match],
                          stdout=subprocess.PIPE) as journal:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: journal.stdout.read(1 << 20), b""))


def journal(bench):
    """Lines a second, until the last one is in the journal."""
    lines, line = (20_000 if bench.short else 100_000), 80
    job = [bench.program("flood"), str(lines * line), str(line)]

    journald = pid_of("systemd-journal")

    def rate(argv, match):
        """And how much of a processor journald had meanwhile."""
        begin, cpu = time.perf_counter(), cpu_seconds(journald)
        subprocess.run(argv, check=True, stdin=NULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        subprocess.run(["journalctl", "--sync"], check=True)
        elapsed = time.perf_counter() - begin
        share = (cpu_seconds(journald) - cpu) / elapsed
        found = entries(match)
        bench.check(lines <= found < lines + 20, f"{found} entries in the journal of {lines} lines")
        return lines / elapsed, share

    def of_cc_ci():
        argv = bench.run([], job)
        return rate(argv, f"CC_CI_RUN={bench.last_run()}")

    def of_native():
        run = bench.name()
        return rate(["systemd-run", "--wait", "--collect", "--quiet", *AT_ONCE, "--",
                     bench.program("journal_flood"), str(lines), str(line), run], f"CC_CI_RUN={run}")

    def of_stream():
        unit = bench.name() + ".service"
        return rate(["systemd-run", "--wait", "--collect", "--quiet", f"--unit={unit}", *AT_ONCE,
                     "--", *job], f"_SYSTEMD_UNIT={unit}")

    values = bench.interleaved({"ours": of_cc_ci, "native": of_native, "stream": of_stream}, 0.03, warm_up=0)
    shares = {name: [share for _, share in rounds] for name, rounds in values.items()}
    values = {name: [one for one, _ in rounds] for name, rounds in values.items()}
    ours, table = values["ours"], bench.table
    table.heading(f"{lines} lines of {line} bytes, until all are in the journal")
    table.ours("cc-ci run", ours, count_text)
    table.peer("the journal alone: the same entries", values["native"], ours, count_text,
               at_least=0.9)
    table.peer("the journal alone: lines of a stream", values["stream"], ours, count_text)
    table.heading("of a processor, what journald had of it meanwhile")
    table.ours("cc-ci run", shares["ours"], share_text)
    table.peer("the journal alone: the same entries", shares["native"], shares["ours"], share_text)


def latency(bench):
    count = 100 if bench.short else 500
    clock = [bench.program("line_clock"), str(count)]
    reader = [bench.program("line_delays"), str(count)]

    def delays(argv):
        return [int(word) / 1e9 for word in piped(argv, reader).split()]

    def of_journalctl():
        unit = bench.name() + ".service"
        follow = subprocess.Popen(["journalctl", "--follow", "--lines=0", "--output=cat",
                                   f"--unit={unit}"], stdin=NULL, stdout=subprocess.PIPE)
        subprocess.run(["systemd-run", "--wait", "--collect", "--quiet", f"--unit={unit}", "--",
                        "sh", "-c", 'sleep 0.5; exec "$@"', "sh", *clock], check=True, stdin=NULL)
        read = subprocess.run(reader, stdin=follow.stdout, capture_output=True, text=True,
                              check=True)
        follow.kill()
        follow.wait()
        follow.stdout.close()
        return [int(word) / 1e9 for word in read.stdout.split()]

    values = bench.interleaved({
        "ours": lambda: delays(bench.run([], clock)),
        "systemd-run": lambda: delays([*SYSTEMD_RUN, "--", *clock]),
        "pipe": lambda: delays(clock),
        "journalctl": of_journalctl,
    }, 0.02, warm_up=0)
    values = {name: sum(rounds, []) for name, rounds in values.items()}
    ours, table = values["ours"], bench.table
    table.heading("latency of a line")
    table.ours("cc-ci run", ours)
    table.ours_p99("  of these 99 in 100", ours, at_most=0.001)
    table.peer("systemd-run --pipe", values["systemd-run"], ours)
    table.peer("a bare pipe", values["pipe"], ours)
    table.peer("journalctl --follow", values["journalctl"], ours)


def measure(bench):
    mega = 1 << 20
    throughput(bench, "output: 3 MiB at once, in lines of 100 bytes", 3 * mega, 100)
    much = (16 if bench.short else 256) * mega
    throughput(bench, "output: without end, in lines of 32 KiB", much, 32768)
    throughput(bench, "output: without end, no systemd", much, 100, without_systemd=True)
    journal(bench)
    latency(bench)
