"""A bridge between stand-ins of Gitea and Drone, for the tests of the real program."""

import datetime
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest
import uuid

from stand_in_client import StandInProcess

BUILD = pathlib.Path(os.environ.get("CCCI_BUILD", "build")).resolve()
REPOSITORY, PULL, COMMIT = "recipes/immich", 7, "4f2c9e1d5ab6c7e8f90123456789abcdef012345"
SECRET = "it is between us"
PIPELINE = "kind: pipeline\ntype: exec\nname: ci\nsteps:\n- name: test\n  commands:\n  - 'true'\n"


def stamp(moment=None):
    moment = moment or datetime.datetime.now(datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Bridge:
    """The program, for as long as a `with` lasts; it listens on a port of its own choice."""

    def __init__(self, config, directory, failing=None, *arguments):
        program = BUILD / ("failing/bin/cc-ci" if failing else "bin/cc-ci")
        environment = {**os.environ, "CCCI_FAILPOINT": failing or "", "CCCI_FAILPOINT_DIR": str(directory)}
        self.log = directory / "bridge.log"
        self.begin = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([program, "--config", config, "bridge", *arguments],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env=environment)
        self.port = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)

    def said(self):
        return self.log.read_bytes()[self.begin:].decode()

    def wait_to_listen(self):
        def where():
            found = [line for line in self.said().splitlines() if "listening on" in line]
            assert found or self.process.poll() is None, self.said()
            return found
        self.port = int(until(where)[0].rsplit(":", 1)[1])
        return self

    def wait_to_die(self):
        return self.process.wait(20)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def post(self, body, headers=None, path="/gitea"):
        """The status; None when the connection ended without an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", path, body, headers or {})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def deliver(self, payload, secret=SECRET, **more):
        """As Gitea does it."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        headers = {"Content-Type": "application/json", "X-Gitea-Event": "issue_comment",
                   "X-Gitea-Delivery": str(uuid.uuid4()),
                   "X-Gitea-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(), **more}
        return self.post(body, headers)


def until(question, patience=20):
    """What the question answers, as soon as it is something."""
    end = time.monotonic() + patience
    while not (answer := question()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)  # The stand-ins and the program's log are asked; they do not call.
    return answer


class BridgeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gitea = cls.enterClassContext(StandInProcess("gitea_stand_in"))
        cls.drone = cls.enterClassContext(StandInProcess("drone_stand_in"))

    def setUp(self):
        self.directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="ccci-bridge-")))
        self.gitea.test("reset")
        self.drone.test("reset")
        for user in ("bot", "maria", "carl", "mallory"):
            self.gitea.test("users", login=user, token=f"of-{user}")
        self.gitea.test("organizations", name="coop", members=["bot", "maria"])
        self.gitea.test("repositories", full_name=REPOSITORY, collaborators={"bot": "write", "carl": "write"})
        self.gitea.test("repositories", full_name="mallory/immich")
        self.gitea.test("pulls", repository=REPOSITORY, number=PULL, user="maria", sha=COMMIT,
                        head_repository="mallory/immich")
        self.drone.test("users", login="bot", token="drone-token", repositories={"ops/ci": "write"})
        self.drone.test("repositories", slug="ops/ci", config=PIPELINE, counter=290)
        self.drone.test("runner", paused=True)
        for name, text in {"forge": "of-bot\n", "drone": "drone-token\n", "secret": SECRET + "\n"}.items():
            (self.directory / name).write_text(text)
        self.runs = self.directory / "runs"
        self.runs.mkdir()

    def begin_anew(self):
        """For one test after the other in one: the bridge of the one before would go on with its work."""
        self.doCleanups()
        self.setUp()

    def config(self, **changes):
        values = {"forge": self.gitea.url, "drone_server": self.drone.url, "drone_poll": "50ms",
                  "bridge_repositories": [REPOSITORY], "bridge_organization": "coop",
                  "bridge_drone_repository": "ops/ci", "bridge_poll": "0",
                  "bridge_listen": "127.0.0.1:0", "state_dir": str(self.directory),
                  "runs_dir": str(self.runs), "bridge_forge_token_file": str(self.directory / "forge"),
                  "bridge_drone_token_file": str(self.directory / "drone"),
                  "bridge_secret_file": str(self.directory / "secret"), **changes}
        file = self.directory / "config.json"
        file.write_text(json.dumps(values))
        return file

    def bridge(self, *arguments, failing=None, **changes):
        return self.enterContext(Bridge(self.config(**changes), self.directory, failing, *arguments))

    def listening(self, **more):
        return self.bridge(**more).wait_to_listen()

    # --- people

    def comment(self, body="!testme", user="maria", **more):
        return self.gitea.test("comments", repository=REPOSITORY, number=PULL, user=user, body=body, **more)

    def hook(self, bridge, secret=SECRET):
        return {"repository": REPOSITORY, "url": f"http://127.0.0.1:{bridge.port}/gitea", "secret": secret}

    def say(self, bridge, body="!testme", user="maria", **more):
        return self.comment(body, user, webhook=self.hook(bridge, **more))

    # --- what came of it

    def builds(self):
        return self.drone.test("builds", "GET")

    def answers(self):
        return [one for one in self.gitea.test("comments", "GET") if one["user"]["login"] == "bot"]

    def statuses(self):
        return self.gitea.test("statuses", "GET")

    def wait_for_builds(self, count=1):
        return self.drone.wait_for("builds", lambda builds: len(builds) >= count)

    def wait_for_answer(self, words):
        return until(lambda: [one for one in self.answers() if words in one["body"]])[0]["body"]

    def wait_for_state(self, state):
        """The status that was set last."""
        return until(lambda: (said := self.statuses()) and said[-1]["status"] == state and said[-1])

    def end_build(self, number, status):
        self.drone.test(f"builds/ops/ci/{number}", "PATCH", status=status, finished=int(time.time()))

    def record(self, run, **changes):
        """What a run leaves of itself."""
        directory = self.runs / run
        directory.mkdir(exist_ok=True)
        now = stamp()
        record = {"version": 1, "run": run, "domain": "immi-ad3e33.ci.localhost", "unit": "", "invocation": "",
                  "manager": "none", "user": "root", "job": f"recipe immich#{PULL}", "state": "ended",
                  "phase": "", "deadline": 3600.0, "teardown_budget": 600.0, "phases": [], "leaked": [],
                  "note": "", "teardown_note": "", "created": now, "started": now, **changes}
        (directory / "run.json.new").write_text(json.dumps(record))
        (directory / "run.json.new").rename(directory / "run.json")

    def results(self, run, **changes):
        tiers = [{"tier": "install", "result": "pass", "message": None, "seconds": 41.0, "tests": []},
                 {"tier": "upgrade", "result": "fail", "message": "exit 1", "seconds": 2.0, "tests": []}]
        results = {"version": 1, "run": run, "lane": "full", "tiers": tiers,
                   "level": {"reached": 1, "of": 5, "capped_by": "upgrade", "because": "fail"}, **changes}
        (self.runs / run / "results.json").write_text(json.dumps(results))
