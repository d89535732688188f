"""A real etcd of one or three members, and what can befall it."""

import base64
import ctypes
import http.client
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from scene import Failure, wait_until  # noqa: E402

CLIENT_PORT = 2379
PEER_PORT = 2380
libc = ctypes.CDLL(None)


def encoded(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def die_with_parent():
    libc.prctl(1, signal.SIGKILL)


def ask(address, path, body, seconds=5):
    """One request of the JSON gateway; OSError if nobody answers."""
    connection = http.client.HTTPConnection(address, CLIENT_PORT, timeout=seconds)
    try:
        connection.request("POST", path, json.dumps(body))
        answer = connection.getresponse()
        text = answer.read()
    except http.client.HTTPException as error:
        raise OSError(f"{address}: {error}") from None
    finally:
        connection.close()
    said = json.loads(text)
    if answer.status != 200:
        raise OSError(f"{address}: {path}: {said}")
    return said


@dataclass
class Member:
    name: str
    address: str
    argv: list
    log: object
    process: object = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, preexec_fn=die_with_parent)

    def stop(self, number=signal.SIGTERM):
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
            self.process.wait()
            self.process = None

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def is_well(self):
        connection = http.client.HTTPConnection(self.address, CLIENT_PORT, timeout=2)
        try:
            connection.request("GET", "/health")
            return json.loads(connection.getresponse().read()).get("health") == "true"
        except (OSError, ValueError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class Etcd:
    def __init__(self, root, addresses, options=()):
        root.mkdir(parents=True)
        self.members = []
        names = [f"member{number}" for number in range(len(addresses))]
        cluster = ",".join(f"{name}=http://{address}:{PEER_PORT}"
                           for name, address in zip(names, addresses))
        for name, address in zip(names, addresses):
            client, peer = f"http://{address}:{CLIENT_PORT}", f"http://{address}:{PEER_PORT}"
            self.members.append(Member(name, address, [
                "etcd", "--name", name, "--data-dir", str(root / name), "--logger", "zap",
                "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--initial-cluster", cluster, *options], root / f"{name}.log"))

    def endpoints(self):
        return [f"http://{member.address}:{CLIENT_PORT}" for member in self.members]

    def start(self):
        for member in self.members:
            member.start()

    def wait(self, seconds=30):
        """Until every member that has been started serves."""
        try:
            wait_until(lambda: all(member.is_well() for member in self.members if member.process),
                       "etcd", seconds)
        except Failure as failure:
            raise Failure("\n".join([str(failure)] + [member.log.read_text()[-2000:]
                                                      for member in self.members])) from None

    def stop(self):
        for member in self.members:
            member.stop(signal.SIGKILL)

    def restart(self):
        """As a power failure of all members."""
        self.stop()
        self.start()
        self.wait()

    # --- asking it

    def ask(self, path, body):
        """Of the first member that answers."""
        last = OSError("no member of etcd is up")
        for member in self.members:
            if member.process:
                try:
                    return ask(member.address, path, body)
                except OSError as error:
                    last = error
        raise last

    def revision(self):
        return int(self.ask("/v3/kv/range", {"key": encoded("\0")})["header"]["revision"])

    def keys(self, prefix=""):
        """(key, value) of all that is there now."""
        key, end = (prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)) if prefix else ("\0", "\0")
        answer = self.ask("/v3/kv/range", {"key": encoded(key), "range_end": encoded(end)})
        return [(base64.b64decode(one["key"]).decode(), base64.b64decode(one.get("value", "")).decode())
                for one in answer.get("kvs", [])]

    def put(self, key, value=""):
        return int(self.ask("/v3/kv/put", {"key": encoded(key), "value": encoded(value)})
                   ["header"]["revision"])

    def compact(self):
        self.ask("/v3/kv/compaction", {"revision": str(self.revision()), "physical": True})

    # --- what befalls it

    def leader(self):
        """None: there is none, or it does not answer."""
        for member in self.members:
            try:
                status = ask(member.address, "/v3/maintenance/status", {}, 1)
            except OSError:
                continue
            if status["header"]["member_id"] == status.get("leader"):
                return member
        return None

    def wait_for_leader(self):
        return wait_until(self.leader, "a leader of etcd")

    def move_leader(self):
        """To another member, which is returned."""
        leader = self.leader()
        other = next(member for member in self.members if member is not leader)
        wanted = ask(other.address, "/v3/maintenance/status", {})["header"]["member_id"]
        subprocess.run(["etcdctl", f"--endpoints=http://{leader.address}:{CLIENT_PORT}", "move-leader",
                        f"{int(wanted):x}"], check=True, capture_output=True,
                       env={**os.environ, "ETCDCTL_API": "3"})
        return other

    def fill(self, prefix="/filler/"):
        """Until the quota is used up and etcd takes nothing more."""
        for number in range(10000):
            try:
                self.put(f"{prefix}{number}", "x" * 100000)
            except OSError as error:
                if "space exceeded" in str(error):
                    return
                raise
        raise AssertionError("the quota is never used up; start etcd with a small one")

    def make_room(self, prefix="/filler/"):
        self.ask("/v3/kv/deleterange", {"key": encoded(prefix), "range_end": encoded(prefix[:-1] + "0")})
        self.compact()
        for member in self.members:
            ask(member.address, "/v3/maintenance/defragment", {})
        for alarm in self.ask("/v3/maintenance/alarm", {"action": "GET"}).get("alarms", ()):
            self.ask("/v3/maintenance/alarm", {"action": "DEACTIVATE", **alarm})
