"""Memory and CPU time of one run that waits, beside a systemd-run and a harness in Python."""

import os
import re
import subprocess
import time
from pathlib import Path

from bench import DOMAIN, LOCK_FILE, PEER_HARNESS, SYSTEMD_RUN
from processes import children, finish, is_queued, make_fifo, resident, start, systemctl_value, wait_until
from table import size_text

AIM_MEGABYTES = 10
OURS = ("step that follows", "harness", "step that waits, and its child")


class Scene:
    """A run that follows a job, one that waits for its lock, and the peers."""

    def __init__(self, bench):
        here = make_fifo("/run/bench-here")
        job = ["sh", "-c", f"echo >{here}; exec sleep 1000"]
        end = os.open(here, os.O_RDWR)

        def begin(argv):
            started = start(argv)
            os.read(end, 1)
            return started
        self.following = begin(bench.run(["--domain", DOMAIN], job))
        self.harness = int(systemctl_value(bench.last_unit(), "MainPID"))
        self.waiting = start(bench.run(["--domain", DOMAIN], job))
        wait_until(lambda: is_queued(LOCK_FILE), "the queue")
        self.reference = begin([*SYSTEMD_RUN, "--unit=bench-reference", "--", *job])
        self.python = begin([*PEER_HARNESS, "--", *job])
        os.close(end)
        # What belongs to the start is over when nobody has used the processor for a moment.
        wait_until(self.is_quiet, "quiet")

    def is_quiet(self):
        ours = [pid for name in OURS for pid in self.processes()[name]]
        before = Effort(ours).wake_ups
        time.sleep(0.2)
        return Effort(ours).wake_ups == before

    def close(self):
        for started, code in ((self.waiting, 143), (self.following, 143), (self.python, 143)):
            os.kill(started[0], 15)
            finish(started, code)
        subprocess.run(["systemctl", "stop", "bench-reference.service"], check=True)
        finish(self.reference)

    def processes(self):
        """{what it is: pids}"""
        waiting = self.waiting[0]
        return {
            "step that follows": [self.following[0]],
            "harness": [self.harness],
            "step that waits, and its child": [waiting, *children(waiting)],
            "systemd-run": [self.reference[0]],
            "harness in Python": [self.python[0]],
        }


class Effort:
    """CPU time and wake-ups so far."""

    def __init__(self, pids):
        self.seconds = self.wake_ups = 0
        for pid in pids:
            self.seconds += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
            status = Path(f"/proc/{pid}/status").read_text()
            self.wake_ups += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status,
                                           re.MULTILINE)[1])


def weigh(scene, table):
    processes = scene.processes()
    ours = processes["step that follows"] + processes["harness"]
    for kind, title in (("Rss", "resident"), ("Pss", "shared pages divided")):
        table.heading(f"memory of one run, {title}")
        aim = AIM_MEGABYTES if kind == "Pss" else None
        table.ours("cc-ci: step and harness", [resident(ours, kind)], size_text, at_most=aim)
        for name in OURS:
            table.ours(f"  {name}", [resident(processes[name], kind)], size_text)
        for name in ("systemd-run", "harness in Python"):
            table.peer(name, [resident(processes[name], kind)], [resident(ours, kind)], size_text)


def watch(scene, table, seconds):
    before = {name: Effort(pids) for name, pids in scene.processes().items()}
    time.sleep(seconds)
    table.heading(f"CPU time in {seconds} s of waiting")
    for name, pids in scene.processes().items():
        now = Effort(pids)
        spent = now.seconds - before[name].seconds
        wake_ups = now.wake_ups - before[name].wake_ups
        ours = name in OURS
        table.row(f"{name}, {wake_ups} wake-ups", f"{spent * 1e3:.2f} ms", "", "",
                  "0 ms" if ours else "", spent == 0 if ours else None)


def measure(bench):
    scene = Scene(bench)
    weigh(scene, bench.table)
    watch(scene, bench.table, 1 if bench.short else 5)
    scene.close()
