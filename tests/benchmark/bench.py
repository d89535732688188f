"""What every row of the table is measured with."""

import os
import random
import sys
from pathlib import Path

from processes import fail
from table import Table

HERE = Path(__file__).resolve().parent
LOCKS = Path("/run/lock")
DOMAIN = "bench-0a1b2c.ci.localhost"
LOCK_FILE = LOCKS / f"cc-ci-app-{DOMAIN}.lock"
SYSTEMD_RUN = ["systemd-run", "--wait", "--pipe", "--collect", "--quiet"]
# What a run has that nobody can kill: a second process that PID 1 starts, when the first one is over.
FOLLOWED = [*SYSTEMD_RUN, "--property=ExecStopPost=/bin/true"]
PEER_HARNESS = [sys.executable, str(HERE / "peer_harness.py")]
WARM_UP = 2  # the first rounds pay for page faults and directories that all later ones find there


class Bench:
    """The programs, how much is measured, and where it is written down."""

    def __init__(self, build, rounds, short):
        self.build = Path(build)
        self.cc_ci = str(self.build / "bin/cc-ci")
        self.rounds = rounds
        self.short = short
        self.table = Table()
        self.count = 0

    def program(self, name):
        return str(self.build / f"tests/bench_{name}")

    def run(self, options, command):
        """A command line of cc-ci, with a run id of its own."""
        self.count += 1
        return [self.cc_ci, "run", "--run-id", f"bench-{self.count}", *options, "--", *command]

    def last_run(self):
        return f"bench-{self.count}"

    def last_unit(self):
        return f"cc-ci-run-bench-{self.count}.service"

    def name(self, word="peer"):
        self.count += 1
        return f"bench-{word}-{self.count}"

    def interleaved(self, variants, part=1.0, warm_up=WARM_UP):
        """{name: function} -> {name: [value of each round]}. In each round every variant has its
        turn, in an order that is drawn anew: what slows the machine for a while slows them all."""
        rounds = max(2, round(self.rounds * part))
        values = {name: [] for name in variants}
        for number in range(-min(warm_up, rounds), rounds):
            for name in random.sample(list(variants), len(variants)):
                value = variants[name]()
                if number >= 0:
                    values[name].append(value)
        return values

    def check(self, condition, what):
        if not condition:
            fail(what)


def environment(**variables):
    return os.environ | {name: str(value) for name, value in variables.items()}
