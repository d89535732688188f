"""A janitor's pass over lock files that are nearly all held."""

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from bench import HERE
from processes import seconds
from table import time_text

FOLDER = Path("/run/bench-locks")


class Scene:
    """`held` lock files of live runs, and one in a hundred that a run has left."""

    def __init__(self, bench, held):
        self.bench = bench
        self.held = held
        self.left = max(1, held // 100) if held > 1 else 0
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir()
        config = FOLDER.parent / "bench-janitor.json"
        config.write_text(json.dumps({
            "lock_dir": str(FOLDER), "base_domain": "ci.localhost", "platform": "command",
            "list_command": "true", "teardown_command": "false"}))
        self.argv = [bench.cc_ci, "--config", str(config), "janitor"]
        self.holder = subprocess.Popen([bench.program("hold_locks"), str(FOLDER), str(held)],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        bench.check(self.holder.stdout.readline() == "held\n", "the locks are not held")

    def close(self):
        self.holder.communicate()
        shutil.rmtree(FOLDER)

    def leave_some(self):
        for number in range(self.left):
            (FOLDER / f"cc-ci-app-left-{number:06x}.ci.localhost.lock").touch(mode=0o600)

    def of_cc_ci(self):
        self.leave_some()
        elapsed = seconds(self.argv)
        self.bench.check(len(os.listdir(FOLDER)) == self.held, "a janitor unlinks what is free")
        return elapsed

    def of_loop(self, argv):
        self.leave_some()
        return seconds([*argv, FOLDER])


def measure(bench):
    # A pass over many costs a round more than a pass over one.
    sizes = {1: 0.25, 1000: 0.25} if bench.short else {1: 0.25, 1000: 0.25, 10_000: 0.1, 100_000: 0.025}
    medians, loops = {}, {}
    for size, part in sizes.items():
        scene = Scene(bench, size)
        values = bench.interleaved({
            "ours": scene.of_cc_ci,
            "loop": lambda: scene.of_loop([bench.program("lock_loop")]),
            "python": lambda: scene.of_loop([sys.executable, HERE / "peer_lock_loop.py"]),
        }, part, warm_up=1)
        scene.close()
        ours, table = values["ours"], bench.table
        medians[size], loops[size] = statistics.median(ours), statistics.median(values["loop"])
        table.heading(f"janitor: {size} lock files held, {scene.left} left")
        table.ours("cc-ci janitor", ours)
        table.peer("a loop in C: open, flock, close", values["loop"], ours, at_most=1.3)
        table.peer("a loop in Python", values["python"], ours)
    growth(bench.table, medians, loops)


def growth(table, medians, loops):
    """What a further lock file costs, without what starting a program costs."""
    sizes = sorted(medians)
    table.heading("janitor: for each further lock file")
    for few, many in zip(sizes, sizes[1:]):
        ours = (medians[many] - medians[few]) / (many - few)
        loop = (loops[many] - loops[few]) / (many - few)
        table.row(f"from {few} to {many}; a loop in C: {time_text(loop)}", time_text(ours), "",
                  f"{ours / loop:.2f}", "<= 1.3", ours / loop <= 1.3)
