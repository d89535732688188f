#!/usr/bin/env python3
"""The pipelines of docs/examples, as the replica of Drone's exec runner does them with the real cc-ci.

  drone_examples_test.py BUILD

In a sandbox (tests/sandbox) its runs are units of a real systemd, and there are a few tests more.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests/support"))
import yaml
from stand_in_client import StandInProcess

EXAMPLES = PROJECT / "docs/examples"
DOMAIN = "shop-c0ffee.ci.localhost"
API = "/api/repos/ops/ci/builds"
IN_SANDBOX = "CCCI_SANDBOX" in os.environ


def example(name):
    return (EXAMPLES / f"{name}.drone.yml").read_text()


def commands_of(text):
    return [command for pipeline in yaml.safe_load_all(text) for step in pipeline["steps"]
            for command in step["commands"]]


class ExamplesTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("bin", "locks", "apps", "runner"):
            (self.folder / name).mkdir()
        path = f"{self.folder}/bin:{BUILD}/bin:{os.environ['PATH']}"
        self.drone = self.enterContext(StandInProcess("drone_stand_in", environment={"PATH": path}))
        self.drone.test("users", login="bot", token="of-bot", repositories={"ops/ci": "write"})
        self.drone.test("runner", root=str(self.folder / "runner"), environment={
            "CCCI_RUNS_DIR": str(self.folder / "runs"), "CCCI_APP_LOCK_DIR": str(self.folder / "locks")})

    def command(self, name, text):
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def shop(self, job):
        apps = self.folder / "apps"
        self.command("deploy-and-test-shop", f"mkdir {apps}/$CCCI_DOMAIN && echo deployed\n{job}")
        self.command("remove-shop", f"rm -rf {apps}/$CCCI_DOMAIN && echo removed")

    def start(self, name, query="", **more):
        self.drone.test("repositories", slug="ops/ci", config=example(name), **more)
        status, build, _ = self.ask("POST", f"{API}?branch=main&{query}")
        self.assertEqual(status, 200)
        return build

    def ask(self, method, path):
        return self.drone.ask(method, path, authorization="Bearer of-bot")

    def build(self, wanted):
        """The last one, once `wanted`."""
        return self.drone.wait_for("builds", lambda builds: wanted(builds[-1]), timeout=60)[-1]

    def ended(self):
        return self.build(lambda build: build["status"] not in ("pending", "running"))

    def said(self, step, text):
        self.build(lambda build: text in build["logs"].get(step, "") or build["status"] == "failure")

    def left(self):
        """What should be nothing."""
        files = [*(self.folder / "apps").iterdir(), *(self.folder / "locks").iterdir(),
                 *(self.folder / "runner").iterdir()]
        commands = ["pgrep --list-full --full " + str(self.folder)]
        if IN_SANDBOX:
            commands.append("systemctl list-units --all --plain --no-legend 'cc-ci-run-*'")
        said = [subprocess.run(command, shell=True, stdout=subprocess.PIPE, text=True, check=False).stdout
                for command in commands]
        lines = [line for text in said for line in text.splitlines() if "pgrep" not in line]
        return [*map(str, files), *lines]

    def nothing_is_left(self):
        """A unit ends a moment after its step."""
        end = time.monotonic() + 10
        while (left := self.left()) and time.monotonic() < end:
            time.sleep(0.01)
        self.assertEqual(left, [])


class RunExampleTest(ExamplesTest):
    def test_a_job_that_passes(self):
        self.shop("true")
        self.start("run", f"DOMAIN={DOMAIN}")
        build = self.ended()
        self.assertEqual(build["status"], "success", build)
        self.assertRegex(build["logs"]["shop"], f"(?s)cc-ci: run 1, domain {DOMAIN}.*deployed.*removed.*cc-ci: passed")
        self.nothing_is_left()

    def test_a_job_that_fails_has_its_code(self):
        self.shop("exit 7")
        self.start("run", f"DOMAIN={DOMAIN}")
        self.assertEqual(self.ended()["stages"][0]["steps"][0]["exit_code"], 7)
        self.nothing_is_left()

    def test_a_job_cannot_have_the_rest_skipped(self):
        self.shop("exit 78")
        self.start("run", f"DOMAIN={DOMAIN}")
        build = self.ended()
        self.assertEqual((build["status"], build["stages"][0]["steps"][0]["exit_code"]), ("failure", 1))

    def test_a_cancel_tears_down(self):
        self.shop("setsid sleep 4567 & exec sleep 4567")
        os.mkfifo(self.folder / "removed")
        self.command("remove-shop", f"rm -rf {self.folder}/apps/$CCCI_DOMAIN; echo yes >{self.folder}/removed")
        self.start("run", f"DOMAIN={DOMAIN}")
        self.said("shop", "deployed")

        self.assertEqual(self.ask("DELETE", API + "/1")[1]["status"], "killed")

        self.assertEqual((self.folder / "removed").read_text(), "yes\n")
        (self.folder / "removed").unlink()
        self.nothing_is_left()

    def test_a_domain_that_is_none_does_nothing(self):
        self.shop("true")
        for domain in ("x%3B%20touch%20pwned", "..%2Fevil.net", "%24(reboot).net", "--help"):
            self.start("run", f"DOMAIN={domain}")
            build = self.ended()
            self.assertEqual(build["stages"][0]["steps"][0]["exit_code"], 2, build)
        self.assertFalse((self.folder / "runs").exists())
        self.nothing_is_left()


class RecipeExampleTest(ExamplesTest):
    def test_parameters_are_checked_and_are_no_commands(self):
        mark = self.folder / "pwned"
        for query, names in ((f"RECIPE=x%3B%20touch%20{mark}&REF=main&PR=1", "recipe"),
                             (f"RECIPE=shop&REF=--upload-pack%3Dtouch%20{mark}&PR=1", "ref"),
                             (f"RECIPE=shop&REF=main&PR=1%24(touch%20{mark})", "pull request"),
                             (f"RECIPE=shop&REF=main&PR=1&SRC=ext%3A%3Atouch%20{mark}", "source")):
            self.start("recipe", query)
            build = self.ended()
            self.assertEqual(build["stages"][0]["steps"][0]["exit_code"], 2, build)
            self.assertIn(names, build["logs"]["recipe"].splitlines()[-1])
        self.assertFalse(mark.exists())

    def test_it_is_for_builds_that_are_asked_for(self):
        self.assertEqual(yaml.safe_load(example("recipe"))["trigger"], {"event": ["custom"]})


class SelfTestExampleTest(ExamplesTest):
    def test_the_commit_is_cloned_and_tested(self):
        remote = self.folder / "remote"
        (remote / ".ci").mkdir(parents=True)
        (remote / ".ci/run").write_text("#!/bin/sh\necho $CI $CCCI_RUN in $PWD\ntest -e other-file\n")
        (remote / ".ci/run").chmod(0o755)
        (remote / "other-file").touch()
        for command in (["init", "--quiet", "--initial-branch=main"], ["add", "."],
                        ["-c", "user.name=m", "-c", "user.email=m@example.net", "commit", "--quiet", "-m", "x"]):
            subprocess.run(["git", *command], cwd=remote, check=True)
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=remote, check=True, capture_output=True,
                                text=True).stdout.strip()
        # Nobody pushes to the stand-in.
        self.assertIsNone(self.start("self-test"))
        config = example("self-test").replace("- push", "- custom")
        self.drone.test("repositories", slug="ops/ci", config=config, remote=str(remote), branches={"main": commit})
        self.ask("POST", API + "?branch=main")
        build = self.ended()
        self.assertEqual(build["status"], "success", build)
        self.assertRegex(build["logs"]["tests"], f"\ntrue 1 in {self.folder}/runner/drone-[0-9a-f]*/drone/src\n")
        self.assertTrue((PROJECT / ".ci/run").exists())
        self.nothing_is_left()


class PagesTest(unittest.TestCase):
    def test_no_example_has_what_must_not_be(self):
        for path in EXAMPLES.glob("*.drone.yml"):
            text = path.read_text()
            self.assertNotIn("${", text, path)
            for command in commands_of(text):
                self.assertNotRegex(command, r"^\s*exec\b", path)

    def test_what_pages_show_is_an_example(self):
        known = {command for path in EXAMPLES.glob("*.drone.yml") for command in commands_of(path.read_text())}
        for page in (PROJECT / "README.md", PROJECT / "docs/drone.md"):
            blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.S)
            self.assertTrue(blocks, page)
            for block in blocks:
                steps = yaml.safe_load(block)
                for step in steps["steps"] if isinstance(steps, dict) else steps:
                    self.assertLessEqual(set(step["commands"]), known, page)


@unittest.skipUnless(IN_SANDBOX, "it writes /etc/cc-ci/config.json")
class LostCancelTest(ExamplesTest):
    def test_a_cancel_that_drone_loses_ends_the_run(self):
        self.shop("exec sleep 4567")
        token = self.folder / "token"
        token.write_text("of-bot\n")
        config = pathlib.Path("/etc/cc-ci/config.json")
        config.parent.mkdir(exist_ok=True)
        config.write_text(f'{{"drone_server": "{self.drone.url}", "drone_poll": "200ms", '
                          f'"drone_token_file": "{token}"}}')
        self.addCleanup(config.unlink)
        self.drone.test("runner", loses_cancels=True)
        self.start("run", f"DOMAIN={DOMAIN}")
        self.said("shop", "deployed")

        self.ask("DELETE", API + "/1")

        self.said("shop", "cc-ci: cancelled: Drone has killed build 1")
        self.said("shop", "removed")
        self.nothing_is_left()


BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
unittest.main()
