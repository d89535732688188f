"""Starting programs, waiting for them, and what the kernel says of them."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

NULL = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)


def fail(what):
    sys.exit(f"bench: {what}")


def start(argv, environment=None):
    """Starts a program with both outputs in one pipe, as a CI runner does: (pid, reading end)."""
    read_end, write_end = os.pipe()
    argv = [str(word) for word in argv]
    pid = os.posix_spawnp(argv[0], argv, environment or os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, NULL, 0),
        (os.POSIX_SPAWN_DUP2, write_end, 1),
        (os.POSIX_SPAWN_DUP2, write_end, 2),
    ])
    os.close(write_end)
    return pid, read_end


def finish(started, expected=0):
    """Reads to the end of the output and waits."""
    pid, read_end = started
    with open(read_end, encoding="utf-8", errors="replace") as pipe:
        output = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if expected is not None and code != expected:
        fail(f"process {pid} ended with {code}, not {expected}:\n{output}")
    return output


def call(argv, environment=None):
    return finish(start(argv, environment))


def seconds(argv, environment=None):
    begin = time.perf_counter_ns()
    call(argv, environment)
    return (time.perf_counter_ns() - begin) / 1e9


def wait_until(condition, what):
    """For what the kernel has no event for; never part of what is measured."""
    end = time.monotonic() + 60
    while not (found := condition()):
        if time.monotonic() > end:
            fail(f"waited in vain for {what}")
        time.sleep(0.002)
    return found


def systemctl_value(unit, name):
    return subprocess.run(["systemctl", "show", "--value", "-p", name, unit], check=True,
                          capture_output=True, text=True).stdout.strip()


def is_queued(path):
    """Whether somebody waits for the flock of this file (proc_locks(5))."""
    inode = f":{path.stat().st_ino} "
    table = Path("/proc/locks").read_text(encoding="ascii")
    return any("->" in line and inode in line for line in table.splitlines())


def make_fifo(path):
    path = Path(path)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    return path


def children(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip()[:15]
    except OSError:
        return ""


def pid_of(command):
    """Of the one process that is called so."""
    (pid,) = (int(name) for name in os.listdir("/proc") if name.isdigit() and command_of(name) == command)
    return pid


def cpu_seconds(pid):
    # proc_pid_stat(5): utime and stime; the name before them may contain anything.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pids, kind):
    """Megabytes; kind: Rss, or Pss, which divides a shared page among those that share it."""
    kilobytes = 0
    for pid in pids:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        kilobytes += int(re.search(rf"^{kind}:\s+(\d+)", text, re.MULTILINE)[1])
    return kilobytes / 1024
