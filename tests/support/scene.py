"""A host with a command platform whose apps are directories, and what must be true of it.

What is left is looked for with other means than the product's own: the kernel's table of locks, the
cgroup tree, systemd's list of units, the file system.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

DEPLOY = """
# Two runs at one domain at a time, or one that starts on another's leftovers, find this here.
mkdir "$APPS/$CCCI_DOMAIN" 2>/dev/null || echo "run $CCCI_RUN found an app at $CCCI_DOMAIN" >>"$VIOLATIONS"
echo "$CCCI_RUN" >"$APPS/$CCCI_DOMAIN/owner"
"""

# One file at a time, so that a death in the middle leaves something.
TEARDOWN = """
if [ -d "{apps}/$CCCI_DOMAIN" ]; then
  # A slow one: it goes on when it is told to.
  [ ! -p "{apps}/$CCCI_DOMAIN/gate" ] || read line <"{apps}/$CCCI_DOMAIN/gate"
  rm -f "{apps}/$CCCI_DOMAIN"/*
  rmdir "{apps}/$CCCI_DOMAIN"
fi
"""


class Failure(Exception):
    """Something was left, or somebody lied."""


def wait_until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise Failure(f"waited in vain for {what}")
        time.sleep(0.005)
    return found


class Process:
    """A step, with its output in a file."""

    def __init__(self, argv, environment, log):
        self.log = log
        with open(log, "wb") as out, open(os.devnull, "rb") as null:
            self.child = subprocess.Popen(argv, stdin=null, stdout=out, stderr=subprocess.STDOUT,
                                          env=environment, start_new_session=True)

    def output(self):
        return self.log.read_text(errors="replace")

    def wait(self, seconds=60):
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"the step did not end:\n{self.output()}") from None

    def wait_for(self, text):
        wait_until(lambda: text in self.output() or self.child.poll() is not None, text)
        return text in self.output()

    def kill(self, number=signal.SIGKILL):
        if self.child.poll() is None:
            self.child.send_signal(number)


class Scene:
    """One host, under a directory of its own; `build` holds the programs."""

    def __init__(self, build, root):
        self.build = Path(build)
        self.root = Path(root)
        self.apps = self.root / "apps"
        self.runs = self.root / "runs"
        self.locks = self.root / "locks"
        self.marks = self.root / "marks"
        self.violations = self.root / "violations"
        self.config = self.root / "config.json"
        self.count = 0
        shutil.rmtree(root, ignore_errors=True)
        for folder in (self.apps, self.runs, self.locks, self.marks):
            folder.mkdir(parents=True)
        self.config.write_text(json.dumps({
            "lock_dir": str(self.locks),
            "runs_dir": str(self.runs),
            "state_dir": str(self.root / "state"),
            "platform": "command",
            "run_app_pattern": "[a-z0-9]+\\.ci\\.test",
            "list_command": f"ls {self.apps}",
            "teardown_command": TEARDOWN.format(apps=self.apps),
            "teardown_budget": "20s",
            "stop_grace": "1s",
        }))

    # --- starting things

    def program(self, failing=False):
        return str(self.build / ("failing/bin/cc-ci" if failing else "bin/cc-ci"))

    def step(self, domain, job, *options, failing=False, run_id=None):
        """`job` is what the job does once its app is deployed."""
        self.count += 1
        name = run_id or f"r{self.count}"
        environment = {"PATH": os.environ["PATH"], "APPS": str(self.apps),
                       "VIOLATIONS": str(self.violations), "MARKS": str(self.marks)}
        for variable in ("CCCI_FAILPOINT", "CCCI_FAILPOINT_DIR"):
            if failing and variable in os.environ:
                environment[variable] = os.environ[variable]
        argv = [self.program(failing), "run", "--config", str(self.config), "--run-id", name,
                "--domain", domain, *options, "--", "sh", "-c", DEPLOY + job]
        process = Process(argv, environment, self.root / f"{name}.log")
        process.run = name
        return process

    def janitor(self, failing=False):
        environment = dict(os.environ) if failing else {"PATH": os.environ["PATH"]}
        return subprocess.run([self.program(failing), "--config", str(self.config), "janitor"],
                              env=environment, capture_output=True, text=True, timeout=120,
                              check=False)

    def orphan(self, domain):
        """An app with a lock file that nobody holds: what a crash leaves."""
        (self.apps / domain).mkdir()
        (self.apps / domain / "owner").write_text("a dead run\n")
        lock = self.lock_file(domain)
        lock.write_text('{"run":"dead","since":"2026-01-01T00:00:00Z","unit":"cc-ci-run-dead.service"}\n')
        lock.chmod(0o600)

    # --- looking

    def lock_file(self, domain):
        return self.locks / f"cc-ci-app-{domain}.lock"

    def owner(self, domain):
        """Whose app is there; None: nobody's."""
        try:
            return self.apps.joinpath(domain, "owner").read_text().strip()
        except FileNotFoundError:
            return None

    def record(self, run):
        try:
            return json.loads((self.runs / run / "run.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}

    def units(self):
        lines = subprocess.run(
            ["systemctl", "list-units", "--all", "--plain", "--no-legend", "cc-ci-*.service"],
            check=True, capture_output=True, text=True).stdout.splitlines()
        return [line.split()[0] for line in lines]

    def held_locks(self):
        """Inodes of our lock directory that somebody has a flock on, or waits for."""
        held = set()
        for line in Path("/proc/locks").read_text().splitlines():
            fields = line.replace("-> ", "").split()
            if fields[1] == "FLOCK":
                held.add(int(fields[5].split(":")[2]))
        names = set()
        for path in self.locks.iterdir():
            try:
                if path.stat().st_ino in held:
                    names.add(path.name)
            except FileNotFoundError:
                continue  # unlinked since
        return names

    def processes(self):
        """Whatever lives in the slice of all runs."""
        alive = []
        # Unlike glob(), it takes it that a folder is gone by the time it gets there.
        for folder, _, _ in os.walk("/sys/fs/cgroup"):
            if "/cc-ci.slice/" not in f"{folder}/":
                continue
            try:
                alive += Path(folder, "cgroup.procs").read_text().split()
            except OSError:
                continue  # gone since, and nobody in it
        return alive

    # --- judging

    def settle(self):
        """Until no unit of ours is there and nobody is at work on a lock."""
        try:
            wait_until(lambda: not self.units() and not self.processes() and not self.held_locks(),
                       "quiet")
        except Failure as failure:
            raise Failure(f"{failure}: {self.units()} {self.processes()} "
                          f"{sorted(self.held_locks())}") from None

    def check_no_violation(self):
        if self.violations.exists():
            raise Failure(self.violations.read_text().strip())

    def check_verdict(self, process, code, domain):
        """A zero is a promise: the app is gone. What is there may be the next run's."""
        if code == 0 and self.owner(domain) == process.run:
            raise Failure(f"run {process.run} ended with 0, and its app is there:\n"
                          + process.output())

    def check_nothing_left(self, domain):
        """After one pass of the janitor, by any means; then the domain must serve the next run."""
        self.settle()
        self.check_no_violation()
        swept = self.janitor()
        if swept.returncode != 0:
            raise Failure(f"the janitor ended with {swept.returncode}: {swept.stdout}{swept.stderr}")
        for kind, found in (("app", list(self.apps.iterdir())),
                            ("lock file", list(self.locks.iterdir())),
                            ("held lock", self.held_locks()), ("unit", self.units()),
                            ("process", self.processes())):
            if found:
                raise Failure(f"left, {kind}: {', '.join(str(one) for one in found)}\n"
                              + swept.stdout)
        after = self.step(domain, "exit 0")
        if after.wait() != 0:
            raise Failure(f"the next run of the domain: {after.output()}")
        self.settle()
        self.check_no_violation()
        if list(self.apps.iterdir()) or list(self.locks.iterdir()):
            raise Failure("left by the next run")
