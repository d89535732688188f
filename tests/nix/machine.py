"""A machine as the scripts in tests/nixos have it, booted in the sandbox with what was evaluated."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import evaluation
import units

SANDBOX = evaluation.PROJECT / "tests/sandbox/sandbox"

# What a disk would keep; all else is gone with the power.
DISK = ["srv", "var/lib/cc-ci", "var/lib/cc-ci-runs"]


class Machine:
    """Methods and their meaning are those of NixOS' test driver."""

    def __init__(self, folder, system, swarm):
        self.folder, self.tree = folder, folder / "tree"
        self.paths = [f"{package}/bin" for package in system["packages"]]
        self.swarm, self.sandbox, self.boots = swarm, None, 0
        units.write(system, self.tree)
        add_users(system["users"], self.tree)
        if swarm:
            # The machine makes its own Swarm, if that is what it is to do.
            units.put(self.tree / units.SYSTEM / "sandbox-docker.service.d/nix.conf",
                      "[Service]\nExecStart=\nExecStart=/bin/true\n")

    def start(self):
        self.boots += 1
        self.sandbox = subprocess.Popen(
            [SANDBOX, *(["--swarm"] if self.swarm else []), "--add", self.tree,
             "--keep-journal", self.folder / f"journal-{self.boots}.log", "--",
             sys.executable, "-u", evaluation.HERE / "inside.py", ":".join(self.paths)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=evaluation.PROJECT)

    def stop(self):
        if self.sandbox:
            self.sandbox.terminate()
            self.sandbox.communicate()
            self.sandbox = None

    def crash(self):
        """As when the power fails: nothing is told of it, and only the disk is left."""
        disk = self.folder / "disk.tar"
        self.succeed(f"tar --directory=/ --ignore-failed-read --create --file={disk} {' '.join(DISK)}")
        self.stop()
        subprocess.run(["tar", "--directory", self.tree, "--extract", "--file", disk], check=True)

    def execute(self, command):
        if not self.sandbox:
            self.start()
        self.sandbox.stdin.write(json.dumps(command) + "\n")
        self.sandbox.stdin.flush()
        answer = self.sandbox.stdout.readline()
        if not answer:
            raise AssertionError(f"the machine went down under: {command}")
        return tuple(json.loads(answer))

    def succeed(self, command, timeout=None):
        code, said = self.execute(command if timeout is None else f"timeout {timeout} bash -c {quoted(command)}")
        assert code == 0, f"{command}: exit code {code}: {said}"
        return said

    def fail(self, command):
        code, said = self.execute(command)
        assert code != 0, f"{command}: succeeded: {said}"
        return said

    def wait_until_succeeds(self, command, timeout=120):
        return self.wait_until(command, lambda code: code == 0, timeout)

    def wait_until_fails(self, command, timeout=120):
        return self.wait_until(command, lambda code: code != 0, timeout)

    def wait_until(self, command, wanted, timeout):
        end = time.monotonic() + timeout
        while True:
            code, said = self.execute(command)
            if wanted(code):
                return said
            assert time.monotonic() < end, f"{command}: exit code {code} for {timeout} s: {said}"
            time.sleep(0.1)  # What it waits for is anything; no event tells it.

    def wait_for_unit(self, unit):
        self.wait_until_succeeds(f"systemctl is-active {unit}")


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def add_users(users, tree):
    """Who NixOS would have made, besides those of this machine."""
    if not users:
        return
    (tree / "etc").mkdir(exist_ok=True)
    accounts, groups = (pathlib.Path(f"/etc/{name}").read_text() for name in ("passwd", "group"))
    for number, (name, user) in enumerate(users.items(), 800):
        accounts += f"{name}:*:{number}:{number}::{user['home']}:/usr/sbin/nologin\n"
        groups += f"{name}:x:{number}:\n"
        if user["createHome"]:
            home = tree / user["home"].lstrip("/")
            home.mkdir(parents=True)
            os.chown(home, number, number)
        if user["linger"]:
            units.put(tree / f"var/lib/systemd/linger/{name}", "")
    units.put(tree / "etc/passwd", accounts)
    units.put(tree / "etc/group", groups)


@contextlib.contextmanager
def subtest(name):
    print(f"  {name}", flush=True)
    yield


def perform(script, folder, build, host, swarm):
    """Runs the script on the machine of the host; AssertionError if the story is not true."""
    shutil.rmtree(folder, ignore_errors=True)
    packages = folder / "packages"
    evaluation.place_packages(packages, build, {"drone-runner-exec": evaluation.HERE / "drone-runner-exec"})
    machine = Machine(folder, evaluation.system(host, packages), swarm)
    try:
        exec(compile(script.read_text(), script, "exec"), {"machine": machine, "subtest": subtest})
    finally:
        machine.stop()
