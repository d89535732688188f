"""Several hosts and an etcd on a network of their own.

A host is a sandbox with a systemd, an address and a name; they and the members of etcd share an
Ethernet, a bridge in a network namespace that this process makes for itself. All hosts see `shared`
at the same path; everything else of a host is its own.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

from etcd import Etcd  # noqa: E402
from scene import Failure, wait_until  # noqa: E402

SANDBOX = HERE.parent / "sandbox" / "sandbox"
OUTSIDE = "CCCI_LAB_OUTSIDE"
BRIDGE = "lab"


def enter_own_network(swarm=False):
    """Starts this program anew in a network namespace of its own, unless it is in one already.

    A test calls it first of all, and ends there with 77 where no lab can be. The machine's own
    network is never touched.
    """
    here = os.readlink("/proc/self/ns/net")
    if os.environ.get(OUTSIDE, here) != here:
        return
    if not shutil.which("etcd"):
        print("skipped: etcd is not installed (package etcd-server)", file=sys.stderr)
        sys.exit(77)
    check = subprocess.run([SANDBOX, "--check", *(["--swarm"] if swarm else [])], check=False)
    if check.returncode:
        sys.exit(check.returncode)
    os.environ[OUTSIDE] = here
    os.execvp("unshare", ["unshare", "--net", "--", sys.executable, *sys.argv])


def ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True)


def devices():
    listed = subprocess.run(["ip", "-json", "link"], check=True, capture_output=True, text=True)
    return {device["ifname"] for device in json.loads(listed.stdout)}


class Started:
    """A process on a host."""

    def __init__(self, host, number, log):
        self.host, self.number, self.log = host, number, log
        self.pid = self.code = None

    def output(self):
        try:
            return self.log.read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def signal(self, number):
        self.host.order(signal=self.number, number=int(number))

    def wait(self, seconds=120):
        """Its exit code, negative for a signal; None: its host went down under it."""
        if not self.host.wait_for(lambda: self.code is not None or self.host.is_down, seconds):
            raise Failure(f"{self.host.name}: does not end:\n{self.output()}")
        return self.code

    def wait_for(self, text, seconds=60):
        wait_until(lambda: text in self.output() or self.code is not None, text, seconds)
        if text not in self.output():
            raise Failure(f"{self.host.name}: no {text!r} in\n{self.output()}")


class Host:
    """One that is up, or was."""

    def __init__(self, lab, name, number, *options):
        self.lab, self.name, self.number, self.options = lab, name, number, options
        self.cable, self.address = f"to-{name}", lab.address(10 + number)
        self.folder = lab.shared / name
        self.folder.mkdir(exist_ok=True)
        self.journal = lab.root / f"{name}.journal"
        self.started, self.is_down = [], False
        self.changed = threading.Condition()
        self.ready = False
        self.said = open(lab.root / f"{name}.log", "w+b")
        self.sandbox = subprocess.Popen(
            [SANDBOX, *options, "--hostname", name, "--veth", f"{self.cable}={self.address}/24",
             *[word for bind in lab.binds for word in ("--bind", str(bind))],
             "--keep-journal", str(self.journal), "--",
             sys.executable, "-u", str(HERE / "agent.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, text=True,
            start_new_session=True)
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()

    def listen(self):
        for line in self.sandbox.stdout:
            words = json.loads(line)
            with self.changed:
                if "ready" in words:
                    self.ready = True
                else:
                    vars(self.started[words.pop("id")]).update(words)
                self.changed.notify_all()
        with self.changed:
            self.is_down = True
            self.changed.notify_all()

    def wait_for(self, condition, seconds):
        with self.changed:
            return self.changed.wait_for(condition, seconds)

    def boot(self):
        if not self.wait_for(lambda: self.ready or self.is_down, 60) or self.is_down:
            self.said.seek(0)
            raise Failure(f"host {self.name} does not come up: {self.said.read().decode()}")
        ip("link", "set", self.cable, "master", BRIDGE, "up")

    def order(self, **words):
        self.sandbox.stdin.write(json.dumps(words) + "\n")
        self.sandbox.stdin.flush()

    # --- what is done on it

    def start(self, *argv, log=None, env=None):
        with self.changed:
            number = len(self.started)
            one = Started(self, number, self.folder / (log or f"{self.sandbox.pid}-{number}.log"))
            self.started.append(one)
        self.order(start=number, argv=[str(word) for word in argv], log=str(one.log),
                   env={"PATH": os.environ["PATH"], "HOME": "/root", **(env or {})})
        if not self.wait_for(lambda: one.pid is not None or self.is_down, 60) or self.is_down:
            raise Failure(f"host {self.name} is down")
        return one

    def call(self, *argv, seconds=60, env=None):
        """(exit code, output) of a command."""
        one = self.start(*argv, env=env)
        return one.wait(seconds), one.output()

    def succeed(self, *argv, seconds=60):
        code, said = self.call(*argv, seconds=seconds)
        if code != 0:
            raise Failure(f"{self.name}: {argv}: {code}\n{said}")
        return said

    # --- what befalls it

    def cut(self):
        """Off from etcd and from all other hosts."""
        ip("link", "set", self.cable, "down")

    def heal(self):
        ip("link", "set", self.cable, "up")

    def kill(self):
        """All its processes at once, as when the power fails; nothing is left of it."""
        self.sandbox.kill()
        self.close()
        # Its guardian takes the cable away when the last process is dead.
        wait_until(lambda: self.cable not in devices(), f"the end of {self.name}")

    def stop(self):
        """In order: the agent ends, and with it the sandbox, which keeps the journal."""
        if self.sandbox.poll() is None:
            self.sandbox.stdin.close()

    def close(self):
        self.sandbox.wait(60)
        self.listener.join()
        for stream in (self.sandbox.stdin, self.sandbox.stdout, self.said):
            stream.close()


class Lab:
    """Of hosts with these names, each with `options` of the sandbox, and members of etcd.

    `boot_seconds` is how long it took until all of them were there.
    """

    def __init__(self, root, names=("alpha", "beta"), members=1, options=(), binds=(), etcd_options=()):
        self.root = Path(root)
        self.shared = self.root / "shared"
        self.shared.mkdir(parents=True)
        self.binds = [self.shared, *binds]
        ip("link", "set", "lo", "up")
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("link", "set", BRIDGE, "up")
        addresses = [self.address(1 + number) for number in range(members)]
        for address in addresses:
            ip("address", "add", f"{address}/24", "dev", BRIDGE)
        self.hosts = []
        # In memory: with a disk that others write to, an etcd is slower than these leases allow for.
        self.memory = tempfile.TemporaryDirectory(prefix="ccci-etcd-", dir="/dev/shm")
        self.etcd = Etcd(Path(self.memory.name) / "etcd", addresses, etcd_options)
        began = time.monotonic()
        try:
            self.etcd.start()
            self.hosts = [Host(self, name, number, *options) for number, name in enumerate(names)]
            for host in self.hosts:
                host.boot()
            self.etcd.wait()
            self.boot_seconds = time.monotonic() - began
        except BaseException:
            self.close()
            raise

    def boot_again(self, dead):
        """The host that comes in the place of one that was killed, with nothing of it but `shared`."""
        host = Host(self, dead.name, dead.number, *dead.options)
        self.hosts[dead.number] = host
        host.boot()
        return host

    @staticmethod
    def address(number):
        return f"10.77.0.{number}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for host in self.hosts:
            host.stop()
        for host in self.hosts:
            host.close()
        self.etcd.stop()
        self.memory.cleanup()
        ip("link", "delete", BRIDGE)

    def join_swarm(self, role="worker"):
        """One Swarm of all hosts, which have been booted with --docker; the first one is a manager."""
        first, *others = self.hosts
        first.succeed("docker", "swarm", "init", "--advertise-addr", first.address)
        token = first.succeed("docker", "swarm", "join-token", "--quiet", role).strip()
        joins = [host.start("docker", "swarm", "join", "--advertise-addr", host.address,
                            "--token", token, f"{first.address}:2377") for host in others]
        for join in joins:
            if join.wait() != 0:
                raise Failure(f"{join.host.name} does not join the Swarm:\n{join.output()}")
