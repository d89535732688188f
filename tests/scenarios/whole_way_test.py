#!/usr/bin/env python3
"""The whole way, in a sandbox with a Swarm: a webhook comes to the bridge, it starts a build, the replica of
Drone's exec runner does the pipeline of docs/examples, the recipe is deployed to the Swarm, checked and torn
down, and the comment and the commit say so. Every part is real but Gitea and Drone themselves.

  whole_way_test.py BUILD
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests/support"))
from stand_in_client import StandInProcess

CONFIG = pathlib.Path("/etc/cc-ci/config.json")
PORT = 8790
# One that passes, and one that there is time to end.
RECIPES = ["static-site", "never-healthy"]
EVERYTHING = ("docker service ls -q; docker ps -aq; docker secret ls -q; docker config ls -q; docker volume ls -q; "
              "docker network ls --filter scope=swarm --format '{{.Name}}' | grep -v '^ingress$'; "
              "ls /run/lock/cc-ci-app-* 2>/dev/null; "
              "systemctl list-units --all --plain --no-legend 'cc-ci-run-*'")


def said_by(command):
    return subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, text=True, check=False).stdout


def wait_until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)  # Docker and the stand-ins are asked.
    return found


@unittest.skipUnless("CCCI_SANDBOX_SWARM" in os.environ, "not in tests/sandbox/sandbox --swarm")
class WholeWayTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("runner", "state"):
            (self.folder / name).mkdir(mode=0o700)
        repositories = self.folder / "repositories"
        subprocess.run([PROJECT / "tests/recipes/make-repositories", repositories], check=True)
        self.gitea = self.enterContext(StandInProcess("gitea_stand_in"))
        path = f"{BUILD}/bin:{os.environ['PATH']}"
        self.drone = self.enterContext(StandInProcess("drone_stand_in", environment={"PATH": path, "USER": "root"}))
        self.set_up_gitea(repositories)
        self.set_up_drone()
        self.write_config()
        self.bridge = self.start_bridge()
        self.assertEqual(said_by(EVERYTHING), "")

    def tearDown(self):
        wait_until(lambda: not said_by(EVERYTHING), "nothing to be left")
        self.bridge.send_signal(signal.SIGTERM)
        self.assertEqual(self.bridge.wait(10), 0)

    def set_up_gitea(self, repositories):
        self.gitea.test("users", login="bot", token="of-bot")
        self.gitea.test("users", login="alice")
        self.gitea.test("organizations", name="coop", members=["bot", "alice"])
        self.commits = {}
        for recipe in RECIPES:
            name, git = f"coop/{recipe}", repositories / f"{recipe}.git"
            self.commits[recipe] = subprocess.check_output(["git", "-C", git, "rev-parse", "main"], text=True).strip()
            self.gitea.test("repositories", full_name=name, collaborators={"bot": "write"}, git=str(git))
            self.gitea.test("pulls", repository=name, number=7, user="alice", sha=self.commits[recipe])
            self.gitea.test("hooks", repository=name, url=f"http://127.0.0.1:{PORT}/gitea", secret="s")

    def set_up_drone(self):
        self.drone.test("users", login="bot", token="of-bot", repositories={"ops/ci": "write"})
        pipeline = (PROJECT / "docs/examples/recipe.drone.yml").read_text()
        self.drone.test("repositories", slug="ops/ci", config=pipeline)
        self.drone.test("runner", root=str(self.folder / "runner"))

    def write_config(self):
        for name, text in (("token", "of-bot"), ("secret", "s")):
            (self.folder / name).write_text(text + "\n")
            (self.folder / name).chmod(0o600)
        token = str(self.folder / "token")
        CONFIG.parent.mkdir(exist_ok=True)
        CONFIG.write_text(json.dumps({
            "platform": "swarm", "base_domain": "ci.example.net", "resolve_image": "never",
            "health_url": "http://127.0.0.1:{published_port}/", "health_timeout": "30s",
            "forge": self.gitea.url, "drone_server": self.drone.url, "drone_token_file": token, "drone_poll": "500ms",
            "runs_dir": str(self.folder / "runs"), "state_dir": str(self.folder / "state"),
            "bridge_repositories": [f"coop/{recipe}" for recipe in RECIPES], "bridge_organization": "coop",
            "bridge_drone_repository": "ops/ci", "bridge_poll": "0", "bridge_listen": f"127.0.0.1:{PORT}",
            "bridge_forge_token_file": token, "bridge_drone_token_file": token,
            "bridge_secret_file": str(self.folder / "secret")}))
        self.addCleanup(CONFIG.unlink)

    def start_bridge(self):
        bridge = subprocess.Popen([f"{BUILD}/bin/cc-ci", "bridge"])
        self.addCleanup(bridge.kill)
        wait_until(lambda: bridge.poll() is not None
                   or said_by(f"ss --no-header --listening --tcp sport = :{PORT}"), "the bridge to listen")
        return bridge

    def say(self, recipe):
        self.gitea.test("comments", repository=f"coop/{recipe}", number=7, user="alice", body="!testme")

    def reply(self, text):
        """The bridge's comments, once there is one that says it."""
        return self.gitea.wait_for("comments", lambda comments: any(
            one["user"]["login"] == "bot" and text in one["body"] for one in comments), timeout=90)[1:]

    def deployed(self):
        wait_until(lambda: said_by("docker service ls -q"), "a service")

    def last_status(self):
        return self.gitea.test("statuses", "GET")[-1]

    def build(self):
        return self.drone.test("builds", "GET")[-1]

    def test_a_comment_is_answered_with_the_result(self):
        self.say("static-site")
        replies = self.reply("Passed")
        self.assertEqual(len(replies), 1)
        self.assertRegex(replies[0]["body"], r"\| install \| passed \|")
        self.assertRegex(replies[0]["history"][0], "Queued|Running")
        self.assertEqual((self.last_status()["status"], self.last_status()["sha"]), ("success", self.commits["static-site"]))
        self.assertEqual(self.build()["status"], "success")
        params = self.build()["params"]
        self.assertEqual((params["RECIPE"], params["PR"], params["REF"]), ("static-site", "7", self.commits["static-site"]))

    def test_a_cancel_in_drone_is_told(self):
        self.say("never-healthy")
        self.deployed()
        self.drone.ask("DELETE", "/api/repos/ops/ci/builds/1", authorization="Bearer of-bot")
        self.assertEqual(len(self.reply("Cancelled")), 1)
        self.assertEqual(self.last_status()["status"], "error")

    def test_a_harness_that_is_killed_is_told(self):
        self.say("never-healthy")
        self.deployed()
        subprocess.run(["systemctl", "kill", "--kill-whom=main", "--signal=KILL", "cc-ci-run-1"], check=True)
        self.assertEqual(len(self.reply("Killed")), 1)
        self.assertEqual((self.last_status()["status"], self.build()["status"]), ("error", "failure"))


BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
unittest.main()
