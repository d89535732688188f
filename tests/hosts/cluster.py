"""cc-ci on several hosts that lock their domains together.

The apps are directories that all hosts see, as those of a Swarm would be. Each job and each teardown
marks what it does (history.py); `check` holds that against etcd, and says what was left.
"""

import base64
import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from etcd import encoded  # noqa: E402
from history import Recorder, claims_of, parse_marks, violations  # noqa: E402
from lab import Lab  # noqa: E402
from scene import Failure, wait_until  # noqa: E402

PREFIX = "/cc-ci/"
# The name of a configuration for what has to outlive the election of a leader, in one case several.
PATIENT = "patient.json"

MARK = """
read -r host </proc/sys/kernel/hostname
mark() {
  read -r uptime idle </proc/uptime
  echo "$CCCI_DOMAIN $host ${CCCI_RUN:-janitor} $1 ${CCCI_LOCK_REVISION:-0} $uptime" >>"$SHARED/marks"
}
app=$SHARED/apps/$CCCI_DOMAIN
"""
DEPLOY = MARK + """
mark begin
mkdir "$app" || echo "run $CCCI_RUN on $host found an app at $CCCI_DOMAIN" >>"$SHARED/violations"
echo "$CCCI_RUN" >"$app/owner"
"""
# Until it is told to end: Cluster.let_end().
HOLD = """
while [ ! -e "$SHARED/ends/$CCCI_RUN" ]; do mark tick; sleep 0.1; done
mark end
"""
# Where there is a gate, it waits there until it is told to go on: Cluster.open_gate().
TEARDOWN = MARK + """
if [ -d "$app" ]; then
  mark teardown
  if [ -p "$app/gate" ]; then
    echo "${CCCI_LOCK_REVISION:-0}" >>"$SHARED/at-the-gate.$CCCI_DOMAIN"
    read -r line <"$app/gate"
    mark teardown
  fi
  rm -f "$app"/*
  mark teardown
  rmdir "$app"
fi
"""


@dataclass(frozen=True)
class Queued:
    """A claim in etcd, as it is now."""
    revision: int
    lease: int
    host: str
    run: str


class Cluster(Lab):
    def __init__(self, build, root, names=("alpha", "beta"), members=1, etcd_options=(), options=()):
        self.build = Path(build)
        self.recorder = None
        super().__init__(root, names, members, options, binds=[self.build], etcd_options=etcd_options)
        self.count = 0
        # Real time: etcd counts a lease's seconds. A run must be able to start, and to be killed, well
        # within it, however slow the machine and whatever else it has to do: its boot tells.
        self.ttl = min(max(8, round(4 * self.boot_seconds)), 40)
        self.margin = self.ttl / 2
        for folder in ("apps", "ends"):
            (self.shared / folder).mkdir()
        self.recorder = Recorder(self.etcd)
        for host in self.hosts:
            self.configure(host)
            self.configure(host, PATIENT, ttl=f"{2 * self.ttl}s")

    def configure(self, host, name="config.json", **lock):
        """Writes one, and returns its path."""
        file = host.folder / name
        file.write_text(json.dumps({
            "runs_dir": str(host.folder / "runs"),
            "state_dir": str(host.folder / "state"),
            "lock": {"engine": "etcd", "endpoints": self.etcd.endpoints(), "prefix": PREFIX,
                     "ttl": f"{self.ttl}s", "margin": f"{int(1000 * self.margin)}ms", **lock},
            "teardown_budget": f"{4 * self.ttl}s",
            "stop_grace": "1s",
            **self.settings(host),
        }))
        (host.folder / "runs").mkdir(exist_ok=True)
        return file

    def settings(self, _host):
        """The platform of the hosts."""
        return {"platform": "command", "run_app_pattern": "[a-z0-9-]+\\.ci\\.test",
                "list_command": f"ls {self.shared / 'apps'}",
                "teardown_command": f"SHARED={self.shared}\n{TEARDOWN}"}

    # --- starting things

    def call(self, host, *words, seconds=60):
        """(exit code, output) of cc-ci."""
        return host.call(self.build / "bin" / "cc-ci", "--config", host.folder / "config.json", *words,
                         seconds=seconds)

    def step(self, host, domain, job, *options, config="config.json", run=None):
        """`job` is what the job does once its app is deployed."""
        self.count += 1
        run = run or f"r{self.count}"
        one = host.start(self.build / "bin" / "cc-ci", "run", "--config", host.folder / config,
                         "--run-id", run, "--domain", domain, *options, "--", "sh", "-c", DEPLOY + job,
                         log=f"{run}.log", env={"SHARED": str(self.shared)})
        one.run, one.domain = run, domain
        return one

    def holder(self, host, domain, *options, gate=False, **where):
        """A run that is at work, and goes on until let_end(). With a gate its teardown waits there."""
        one = self.step(host, domain, ('mkfifo "$app/gate"\n' if gate else "") + HOLD, *options, **where)
        self.wait_for_mark(one, "tick")
        return one

    def waiter(self, host, domain, *options, job=HOLD):
        """A run that is in etcd's queue behind another."""
        one = self.step(host, domain, job, *options)
        one.wait_for(f"waiting for {domain}: ")
        wait_until(lambda: any(claim.run == one.run for claim in self.claims(domain)),
                   f"a claim of run {one.run}")
        return one

    def let_end(self, one):
        (self.shared / "ends" / one.run).touch()

    def finish(self, one, code=0, seconds=60):
        self.let_end(one)
        if one.wait(seconds) != code:
            raise Failure(f"run {one.run} on {one.host.name}: {one.code}\n{one.output()}")

    def janitor(self, host):
        return host.start(self.build / "bin" / "cc-ci", "--config", host.folder / "config.json", "janitor")

    def orphan(self, domain, gate=False):
        """An app that nobody has."""
        app = self.shared / "apps" / domain
        app.mkdir()
        (app / "owner").write_text("a dead run\n")
        if gate:
            os.mkfifo(app / "gate")

    # --- gates

    def at_the_gate(self, domain):
        """The tokens of those that have come to it, in order."""
        try:
            return [int(line) for line in (self.shared / f"at-the-gate.{domain}").read_text().split()]
        except FileNotFoundError:
            return []

    def wait_for_gate(self, domain, times=1):
        wait_until(lambda: len(self.at_the_gate(domain)) >= times, f"a teardown at the gate of {domain}")
        return self.at_the_gate(domain)

    def open_gate(self, domain):
        # Opening it waits for whoever is to be there.
        with open(self.shared / "apps" / domain / "gate", "w", encoding="ascii") as gate:
            gate.write("go on\n")

    # --- looking

    def marks(self, domain=None):
        try:
            marks = parse_marks((self.shared / "marks").read_text())
        except FileNotFoundError:
            return []
        return [mark for mark in marks if domain in (None, mark.domain)]

    def wait_for_mark(self, one, what):
        """Of a run; fails if it ends without."""
        def there():
            return any((mark.host, mark.run, mark.what) == (one.host.name, one.run, what)
                       for mark in self.marks(one.domain))
        wait_until(lambda: there() or one.code is not None, f"{what} of run {one.run}")
        if not there():
            raise Failure(f"{one.run} ends before its {what}: {one.code}\n{one.output()}")

    def begins(self, domain):
        """The runs in the order of their beginnings."""
        return [mark.run for mark in self.marks(domain) if mark.what == "begin"]

    def owner(self, domain):
        """Whose app is there; None: nobody's."""
        try:
            return (self.shared / "apps" / domain / "owner").read_text().strip()
        except FileNotFoundError:
            return None

    def record(self, one):
        return json.loads((one.host.folder / "runs" / one.run / "run.json").read_text())

    def verdict(self, one):
        result = self.record(one)["result"]
        return result["verdict"], result["exit_code"]

    def keys(self, domain):
        """(name, value) of all keys of a domain."""
        prefix = f"{PREFIX}{domain}/"
        return [(key.removeprefix(prefix), value) for key, value in self.etcd.keys(prefix)]

    def claims(self, domain):
        """In their order."""
        queue = f"{PREFIX}{domain}/queue/"
        answer = self.etcd.ask("/v3/kv/range", {
            "key": encoded(queue), "range_end": encoded(queue[:-1] + "0"),
            "sort_target": "CREATE", "sort_order": "ASCEND"})
        claims = []
        for one in answer.get("kvs", []):
            said = json.loads(base64.b64decode(one["value"]))
            claims.append(Queued(int(one["create_revision"]), int(one.get("lease", 0)), said["host"],
                                 said["run"]))
        return claims

    def seconds_left(self, lease):
        """Of a lease; negative if it is gone."""
        return int(self.etcd.ask("/v3/lease/timetolive", {"ID": str(lease)}).get("TTL", 0))

    def wait_for_keep_alive(self, domain):
        """Of the holder's lease, from now on."""
        lease, before = self.claims(domain)[0].lease, float("inf")

        def risen():
            nonlocal before
            last, before = before, self.seconds_left(lease)
            if before < 0:
                raise Failure(f"{domain}: its lease is gone")
            return before > last
        wait_until(risen, f"a keep-alive for {domain}")

    def history_of(self, domain):
        """All claims on it that there ever were, in their order."""
        claims, _ = claims_of(self.recorder.history(), PREFIX)
        return [claim for claim in claims if claim.domain == domain]

    # --- judging

    def live_units(self, host):
        return host.succeed("systemctl", "list-units", "--all", "--plain", "--no-legend",
                            "cc-ci-*.service").splitlines()

    def check_history(self, suffix=""):
        marks = [mark for mark in self.marks() if mark.domain.endswith(suffix)]
        wrong = violations(self.recorder.history(), marks, PREFIX)
        found = self.shared / "violations"
        if found.exists():
            wrong += [line for line in found.read_text().splitlines() if line.endswith(suffix)]
        if wrong:
            raise Failure("\n".join(wrong))

    def check(self, suffix=""):
        """When all runs are over: at domains with that end nothing is left, and all was well."""
        for host in self.hosts:
            if not host.is_down:
                wait_until(lambda host=host: not self.live_units(host), f"quiet on {host.name}")
        self.check_history(suffix)
        left = [path.name for path in (self.shared / "apps").iterdir() if path.name.endswith(suffix)]
        if left:
            raise Failure(f"left: apps {left}")

        def keys():
            return [key for key, _ in self.etcd.keys(PREFIX) if key.split("/")[2].endswith(suffix)]
        # Of a claim that was not given up etcd gets rid by itself.
        wait_until(lambda: not keys(), f"the end of all keys, {keys()}", 3 * self.ttl)

    def end_all(self):
        """Whatever is left by a test that failed."""
        for app in (self.shared / "apps").iterdir():
            try:
                os.close(os.open(app / "gate", os.O_RDWR | os.O_NONBLOCK))
            except OSError:
                continue  # it has none
        for member in self.etcd.members:
            if member.process:
                member.resume()
            else:
                member.start()
        for host in self.hosts:
            if host.is_down:
                continue
            host.heal()
            for one in host.started:
                if one.code is None:
                    one.signal(signal.SIGKILL)

    def close(self):
        if self.recorder:
            self.recorder.stop()
        super().close()


def now():
    """The clock of the marks."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
