"""From the request to the end of the last process of a job."""

import os
import signal
import time
from pathlib import Path

from bench import SYSTEMD_RUN
from processes import call, finish, make_fifo, start, systemctl_value, wait_until


class Scene:
    def __init__(self, bench, count):
        self.bench = bench
        self.count = count
        self.fifo = make_fifo("/run/bench-processes")
        self.job = [bench.program("processes"), str(count), str(self.fifo)]

    def measure(self, begin, end, expected):
        """Seconds from end() to the end of the last process of what begin() has started."""
        reader = os.open(self.fifo, os.O_RDONLY | os.O_NONBLOCK)
        started = begin()
        os.set_blocking(reader, True)
        # Without a writer this is an end, too: not yet there.
        wait_until(lambda: os.read(reader, 1), "the processes")
        before = time.perf_counter_ns()
        ending = end(started)
        while os.read(reader, 1):
            pass
        elapsed = (time.perf_counter_ns() - before) / 1e9
        os.close(reader)
        finish(started, expected)
        if ending:
            finish(ending)
        return elapsed

    def of_cc_ci(self):
        return self.measure(
            lambda: start(self.bench.run([], self.job)),
            lambda _: start([self.bench.cc_ci, "cancel", self.bench.last_run()]), 143)

    def of_signal(self):
        def end(started):
            os.kill(started[0], signal.SIGTERM)
        return self.measure(lambda: start(self.bench.run([], self.job)), end, 143)

    def begin_unit(self, *options):
        self.unit = self.bench.name() + ".service"
        return start([*SYSTEMD_RUN, f"--unit={self.unit}", *options, "--", *self.job])

    def of_systemctl(self):
        return self.measure(lambda: self.begin_unit("--property=KillSignal=SIGKILL"),
                            lambda _: start(["systemctl", "stop", self.unit]), None)

    def of_group(self):
        def begin():
            return start(["setsid", *self.job])

        def end(started):
            os.killpg(started[0], signal.SIGKILL)
        return self.measure(begin, end, -signal.SIGKILL)

    def of_cgroup(self):
        def end(_):
            Path(f"/sys/fs/cgroup{self.group}/cgroup.kill").write_text("1", encoding="ascii")

        def begin():
            started = self.begin_unit()
            self.group = wait_until(lambda: systemctl_value(self.unit, "ControlGroup"), "the unit")
            return started
        return self.measure(begin, end, None)


def measure(bench):
    for count in (1, 100) if bench.short else (1, 100, 1000):
        scene = Scene(bench, count)
        values = bench.interleaved({
            "cancel": scene.of_cc_ci,
            "signal": scene.of_signal,
            "systemctl": scene.of_systemctl,
            "group": scene.of_group,
            "cgroup": scene.of_cgroup,
        }, 0.15, warm_up=1)
        ours, table = values["cancel"], bench.table
        table.heading(f"cancel to the end of the last of {count} processes")
        table.ours("cc-ci cancel", ours)
        table.ours("TERM to the step of cc-ci run", values["signal"])
        table.peer("systemctl stop, at once with KILL", values["systemctl"], ours, at_most=1.1)
        table.peer("kill of the process group", values["group"], ours)
        table.peer("cgroup.kill", values["cgroup"], ours)
    bench.check("cc-ci-run-bench" not in call(["systemctl", "list-units", "--plain", "--no-legend"]),
                "a unit is left")
