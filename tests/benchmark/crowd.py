"""Many runs at once: the time to start and to end them all, and what they weigh meanwhile."""

import os
import select
import time

from bench import FOLLOWED, PEER_HARNESS, SYSTEMD_RUN
from processes import call, command_of, cpu_seconds, fail, finish, make_fifo, resident, start, wait_until
from table import size_text

AIM_MEGABYTES = 10
PATIENCE = 120
# dbus lets a user have 256 connections; a systemd-run that waits keeps one, a cc-ci run does not.
MOST_OF_SYSTEMD_RUN = 200
MOST = 500


class Crowd:
    def __init__(self, bench, size):
        self.bench = bench
        self.size = size
        self.here = make_fifo("/run/bench-here")
        self.gate = make_fifo("/run/bench-gate")
        self.job = ["sh", "-c", f"echo >{self.here}; read line <{self.gate}"]

    def measure(self, argv_of_one, weigh):
        """Seconds to start all, to end all, of PID 1's CPU; megabytes of one."""
        # Both ends, so that neither a job nor this waits for the other end to be opened.
        here = os.open(self.here, os.O_RDWR)
        gate = os.open(self.gate, os.O_RDWR)
        cpu = cpu_seconds(1)
        begin = time.perf_counter()
        started = [start(argv_of_one()) for _ in range(self.size)]
        arrived = 0
        while arrived < self.size:
            if not select.select([here], [], [], PATIENCE)[0]:
                fail(f"{self.size - arrived} of {self.size} jobs have not begun")
            arrived += len(os.read(here, self.size))
        up = time.perf_counter()
        size = weigh([pid for pid, _ in started]) / self.size
        weighed = time.perf_counter()
        os.write(gate, b"\n" * self.size)
        for one in started:
            finish(one)
        over = time.perf_counter()
        os.close(here)
        os.close(gate)
        wait_until(lambda: not self.units_that_are_left(), "the last unit")
        return up - begin, over - weighed, cpu_seconds(1) - cpu, size

    @staticmethod
    def units_that_are_left():
        argv = ["systemctl", "list-units", "--plain", "--no-legend", "bench-peer-*", "cc-ci-run-*"]
        return call(argv)

    def of_cc_ci(self):
        def weigh(steps):
            harnesses = [int(name) for name in os.listdir("/proc") if name.isdigit()
                         and command_of(name) == "cc-ci-harness"]
            self.bench.check(len(harnesses) == self.size, f"{len(harnesses)} harnesses")
            return resident(steps + harnesses, "Pss")
        return self.measure(lambda: self.bench.run([], self.job), weigh)

    def of_systemd_run(self, command):
        return self.measure(
            lambda: [*command, f"--unit={self.bench.name()}", "--", *self.job],
            lambda clients: resident(clients, "Pss"))

    def of_python(self):
        return self.measure(lambda: [*PEER_HARNESS, "--", *self.job],
                            lambda harnesses: resident(harnesses, "Pss"))


TITLES = ("until all jobs have begun", "until all are over", "CPU time of PID 1")


def column(rounds, position):
    return [one[position] for one in rounds]


def compare(bench, size):
    crowd = Crowd(bench, size)
    values = bench.interleaved({
        "ours": crowd.of_cc_ci, "systemd-run": lambda: crowd.of_systemd_run(SYSTEMD_RUN),
        "followed": lambda: crowd.of_systemd_run(FOLLOWED), "python": crowd.of_python,
    }, 0.015, warm_up=0)
    table = bench.table
    for position, title in enumerate(TITLES):
        ours = column(values["ours"], position)
        table.heading(f"{size} runs at once: {title}")
        table.ours("cc-ci run", ours)
        table.peer("systemd-run --wait --pipe", column(values["systemd-run"], position), ours,
                   at_most=0.7)
        table.peer("  the same, with an ExecStopPost", column(values["followed"], position), ours)
        if position < 2:
            table.peer("harness in Python, no systemd", column(values["python"], position), ours)
    ours = column(values["ours"], 3)
    table.heading(f"memory of a run among {size}, shared pages counted once")
    table.ours("cc-ci: step and harness", ours, size_text, at_most=AIM_MEGABYTES)
    table.peer("systemd-run", column(values["systemd-run"], 3), ours, size_text)
    table.peer("harness in Python", column(values["python"], 3), ours, size_text)


def alone(bench, size):
    """More than systemd-run can."""
    crowd = Crowd(bench, size)
    values = bench.interleaved({"ours": crowd.of_cc_ci}, 0.01, warm_up=0)["ours"]
    bench.table.heading(f"{size} runs at once, which systemd-run --wait cannot")
    for position, title in enumerate(TITLES):
        bench.table.ours(title, column(values, position))
    bench.table.ours("memory of one, shared pages counted once", column(values, 3), size_text,
                     at_most=AIM_MEGABYTES)


def measure(bench):
    if bench.short:
        compare(bench, 20)
        return
    compare(bench, MOST_OF_SYSTEMD_RUN)
    alone(bench, MOST)
