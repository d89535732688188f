"""Many runs at once: the time to start and to end them all, and what they weigh meanwhile."""

import os
import time

from bench import PEER_HARNESS, SYSTEMD_RUN
from processes import call, cpu_seconds, finish, make_fifo, resident, start, wait_until
from table import size_text

AIM_MEGABYTES = 10


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

    def of_systemd_run(self):
        return self.measure(
            lambda: [*SYSTEMD_RUN, f"--unit={self.bench.name()}", "--", *self.job],
            lambda clients: resident(clients, "Pss"))

    def of_python(self):
        return self.measure(lambda: [*PEER_HARNESS, "--", *self.job],
                            lambda harnesses: resident(harnesses, "Pss"))


def command_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip()[:15]
    except OSError:
        return ""


def measure(bench):
    size = 20 if bench.short else 500
    crowd = Crowd(bench, size)
    values = bench.interleaved({
        "ours": crowd.of_cc_ci, "systemd-run": crowd.of_systemd_run, "python": crowd.of_python,
    }, 0.015, warm_up=0)
    table = bench.table

    def column(name, position):
        return [one[position] for one in values[name]]

    for position, title in enumerate(("until all jobs have begun", "until all are over",
                                      "CPU time of PID 1")):
        ours = column("ours", position)
        table.heading(f"{size} runs at once: {title}")
        table.ours("cc-ci run", ours)
        table.peer("systemd-run --wait --pipe", column("systemd-run", position), ours, at_most=0.7)
        if position < 2:
            table.peer("harness in Python, no systemd", column("python", position), ours)
    ours = column("ours", 3)
    table.heading(f"memory of a run among {size}, shared pages counted once")
    table.ours("cc-ci: step and harness", ours, size_text, at_most=AIM_MEGABYTES)
    table.peer("systemd-run", column("systemd-run", 3), ours, size_text)
    table.peer("harness in Python", column("python", 3), ours, size_text)
