"""Hand-over of a domain: from the end of its holder to the start of the waiter's job."""

import os
import re
import subprocess

from bench import DOMAIN, LOCK_FILE, LOCKS, SYSTEMD_RUN
from processes import finish, is_queued, make_fifo, start, wait_until

JOB = ["date", "+began %s%N"]


def unit_end(unit):
    """When PID 1 called the unit over, in seconds since 1970: the kernel's stamp on its message."""
    def look():
        # SD_MESSAGE_UNIT_SUCCESS (systemd/sd-messages.h)
        text = subprocess.run(
            ["journalctl", "--output=verbose", "--output-fields=_SOURCE_REALTIME_TIMESTAMP",
             f"UNIT={unit}", "MESSAGE_ID=7ad2d189f7e94e70a38c781354912448"],
            check=True, capture_output=True, text=True).stdout
        return re.search(r"_SOURCE_REALTIME_TIMESTAMP=(\d+)", text)
    return int(wait_until(look, f"the end of {unit}")[1]) / 1e6


def moment(word, output):
    return int(re.search(rf"^{word} (\d+)$", output, re.MULTILINE)[1]) / 1e9


class Scene:
    """One holder and one waiter. Both jobs print the time; the holder's lasts until it is told."""

    def __init__(self):
        self.gate = make_fifo("/run/bench-gate")
        self.holder_job = ["sh", "-c", f"read line <{self.gate}; date '+ended %s%N'"]

    def measure(self, holder_argv, holder_unit, waiter_argv, lock_file):
        """Seconds to the start of the waiter's job: since the unit's end, since the job's."""
        holder = start(holder_argv)
        # Opening waits for the job: a FIFO has two ends.
        gate = os.open(self.gate, os.O_WRONLY)
        waiter = start(waiter_argv)
        wait_until(lambda: is_queued(lock_file), "the queue")
        os.write(gate, b"go\n")
        os.close(gate)
        job_ended = moment("ended", finish(holder))
        began = moment("began", finish(waiter))
        return began - unit_end(holder_unit), began - job_ended


def measure(bench):
    scene = Scene()
    flock_file = LOCKS / "bench-flock"
    domain = ["--domain", DOMAIN]

    def of_cc_ci():
        holder = bench.run(domain, scene.holder_job)
        unit = bench.last_unit()
        return scene.measure(holder, unit, bench.run(domain, JOB), LOCK_FILE)

    def of_flock():
        unit = bench.name() + ".service"
        prefix = ["flock", str(flock_file), *SYSTEMD_RUN]
        return scene.measure([*prefix, f"--unit={unit}", "--", *scene.holder_job], unit,
                             [*prefix, "--", *JOB], flock_file)

    values = bench.interleaved({"cc-ci": of_cc_ci, "flock": of_flock}, 0.25)
    for position, title in enumerate(("unit's end", "job's end")):
        ours = [pair[position] for pair in values["cc-ci"]]
        peers = [pair[position] for pair in values["flock"]]
        bench.table.heading(f"hand-over: {title} to the waiter's job")
        bench.table.ours("cc-ci run --domain", ours)
        bench.table.peer("flock systemd-run", peers, ours, at_most=1.2)
