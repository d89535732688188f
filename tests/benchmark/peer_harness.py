#!/usr/bin/env python3
"""A guarded run as a harness in Python makes it: what cc-ci is compared with.

  peer_harness.py [--lock FILE] [--teardown COMMAND] [--record FILE] [--deadline SECONDS] -- COMMAND...

The same guards: it dies when its parent does, refuses to run when the parent is dead already, holds
the lock, has the job in a process group of its own, ends it on TERM, INT, HUP and at the deadline,
and tears down always. No systemd: what escapes from the process group it does not know.
"""

import argparse
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
GRACE = 10


class Stopped(Exception):
    pass


def guard(parent):
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the parent is gone")

    def stop(number, _):
        raise Stopped(number)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)


def take(path):
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            there = os.stat(path)
        except FileNotFoundError:
            there = None
        ours = os.fstat(lock)
        if there and (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino):
            holder = {"pid": os.getpid(), "since": time.time()}
            os.write(lock, json.dumps(holder).encode() + b"\n")
            return lock
        os.close(lock)


def end(job):
    os.killpg(job.pid, signal.SIGTERM)
    try:
        job.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(job.pid, signal.SIGKILL)
        job.wait()


def run_job(command, deadline):
    job = subprocess.Popen(command, start_new_session=True)
    try:
        return job.wait(deadline)
    except subprocess.TimeoutExpired:
        end(job)
        return 142
    except Stopped:
        end(job)
        return 143


def main():
    parent = os.getppid()
    parser = argparse.ArgumentParser()
    parser.add_argument("--lock")
    parser.add_argument("--teardown")
    parser.add_argument("--record")
    parser.add_argument("--deadline", type=float, default=3600)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    guard(parent)
    lock = take(options.lock) if options.lock else None
    code = run_job(options.command, options.deadline)
    if options.teardown and subprocess.run(["sh", "-c", options.teardown], check=False).returncode:
        code = code or 123
    if options.record:
        with open(options.record, "w", encoding="utf-8") as record:
            json.dump({"code": code, "ended": time.time()}, record)
    if lock is not None:
        os.unlink(options.lock)
        os.close(lock)
    sys.exit(code)


main()
