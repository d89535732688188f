"""What etcd went through, and whether the hosts kept to it.

`Recorder` writes down every change from the first revision on. `violations` holds the marks that
jobs and teardowns of all hosts made against it. It is pure: facts in, sentences out.

A mark is a line that is added to one file for all hosts, so the order of the lines is that in which
they were made:

  DOMAIN HOST RUN WHAT TOKEN UPTIME    RUN is "janitor" for what no run does; WHAT is begin, tick,
                                       end or teardown; TOKEN the revision of the claim that it is
                                       done under, as it was told; UPTIME as in /proc/uptime
"""

import base64
import collections
import http.client
import json
import threading
import time
from dataclasses import dataclass

from etcd import CLIENT_PORT, encoded


@dataclass(frozen=True)
class Change:
    """A key was put, or deleted (value None). All of one transaction have the same revision."""
    revision: int
    key: str
    value: object
    lease: int = 0
    seen: float = 0.0  # by CLOCK_BOOTTIME: it had happened by then


@dataclass(frozen=True)
class Mark:
    domain: str
    host: str
    run: str
    what: str
    token: int
    uptime: float

    def __str__(self):
        return f"{self.what} of run {self.run} on {self.host} at {self.uptime:.2f}"


@dataclass
class Claim:
    """A key in a domain's queue, from its first put to its deletion."""
    domain: str
    key: str
    revision: int  # that it was created at: its token
    host: str
    run: str
    ended: int = 0  # the revision of its deletion
    ended_seen: float = float("inf")
    owned: bool = False  # it was the lowest at some time


def parse_marks(text):
    marks = []
    for line in text.splitlines():
        domain, host, run, what, token, uptime = line.split()
        marks.append(Mark(domain, host, run, what, int(token), float(uptime)))
    return marks


def claims_of(changes, prefix):
    """(claims in the order of their revisions, sentences about what cannot be)."""
    wrong, claims, live = [], [], collections.defaultdict(dict)
    last = 0
    for change in changes:
        if change.revision < last:
            wrong.append(f"revision {change.revision} after {last}")
        if change.revision != last:
            promote(live)
        last = change.revision
        domain, _, rest = change.key.removeprefix(prefix).partition("/")
        if not change.key.startswith(prefix) or not rest.startswith("queue/"):
            continue
        there = live[domain].get(change.key)
        if change.value is None:
            if there:
                there.ended, there.ended_seen = change.revision, change.seen
                del live[domain][change.key]
        elif there:
            if identity(change.value) != (there.host, there.run):
                wrong.append(f"{domain}: revision {change.revision} gives the claim of run "
                             f"{there.run} on {there.host} to somebody else")
        else:
            if not change.lease:
                wrong.append(f"{domain}: the claim of revision {change.revision} is under no lease")
            claim = Claim(domain, change.key, change.revision, *identity(change.value))
            claims.append(claim)
            live[domain][change.key] = claim
    promote(live)
    return claims, wrong


def identity(value):
    said = json.loads(value)
    return said["host"], said["run"]


def promote(live):
    """Whoever is the lowest in its queue has the domain, once all of a revision has been done."""
    for queue in live.values():
        if queue:
            min(queue.values(), key=lambda claim: claim.revision).owned = True


def violations(changes, marks, prefix="/cc-ci/"):
    """A sentence for everything that must not be; none: all is well."""
    claims, wrong = claims_of(changes, prefix)
    by_token = {(claim.domain, claim.revision): claim for claim in claims}
    newest = {}  # by domain: the mark with the highest token
    begun = set()
    for mark in marks:
        where = f"{mark.domain}: {mark}: "
        claim = by_token.get((mark.domain, mark.token))
        if not claim or (claim.host, claim.run) != (mark.host, mark.run):
            wrong.append(f"{where}its token {mark.token} is not that of a claim of its own")
            continue
        if not claim.owned:
            wrong.append(f"{where}it never had the domain")
            continue
        if claim.ended_seen < mark.uptime:
            wrong.append(f"{where}its claim had ended {mark.uptime - claim.ended_seen:.2f}s before")
        before = newest.get(mark.domain)
        if before and mark.token < before.token:
            wrong.append(f"{where}its token {mark.token} is older than {before.token}: there was {before}")
        else:
            newest[mark.domain] = mark
        if mark.what == "begin":
            if (mark.domain, mark.token) in begun:
                wrong.append(f"{where}it has begun before")
            begun.add((mark.domain, mark.token))
    return wrong


class Recorder:
    """Watches all keys of an etcd from a revision on, whatever befalls its members."""

    END = "/lab/end"

    def __init__(self, etcd, since=1):
        self.etcd = etcd
        self.since = since
        self.changes = []
        self.failure = None
        self.arrived = threading.Condition()
        self.over = False
        self.thread = threading.Thread(target=self.record, daemon=True)
        self.thread.start()

    def record(self):
        turn = 0
        while not self.over and not self.failure:
            member = self.etcd.members[turn % len(self.etcd.members)]
            turn += 1
            try:
                self.watch(member.address)
            except (OSError, ValueError, http.client.HTTPException):
                time.sleep(0.05)  # It is down, or paused; nothing tells when it is back.

    def watch(self, address):
        first = self.changes[-1].revision + 1 if self.changes else self.since
        # A member that is paused keeps its connection and says nothing.
        connection = http.client.HTTPConnection(address, CLIENT_PORT, timeout=2)
        try:
            connection.request("POST", "/v3/watch", json.dumps({"create_request": {
                "key": encoded("\0"), "range_end": encoded("\0"), "start_revision": str(first)}}))
            answer = connection.getresponse()
            while line := answer.readline():
                self.note(json.loads(line)["result"])
        except TimeoutError:
            pass
        finally:
            connection.close()

    def note(self, result):
        seen = time.clock_gettime(time.CLOCK_BOOTTIME)
        with self.arrived:
            if int(result.get("compact_revision", 0)):
                self.failure = f"the history before {result['compact_revision']} is lost"
            for event in result.get("events", ()):
                kv = event["kv"]
                deleted = event.get("type") == "DELETE"
                self.changes.append(Change(
                    int(kv["mod_revision"]), base64.b64decode(kv["key"]).decode(),
                    None if deleted else base64.b64decode(kv.get("value", "")).decode(),
                    int(kv.get("lease", 0)), seen))
            self.arrived.notify_all()

    def history(self, seconds=20):
        """All changes to this moment."""
        end = self.etcd.put(self.END)
        with self.arrived:
            if not self.arrived.wait_for(
                    lambda: self.failure or (self.changes and self.changes[-1].revision >= end),
                    seconds) or self.failure:
                raise AssertionError(f"no history of etcd: {self.failure or 'it does not come'}")
            return list(self.changes)

    def stop(self):
        self.over = True
