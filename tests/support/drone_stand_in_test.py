#!/usr/bin/env python3
"""What tests rely on in the stand-in for Drone, and in the replica of its exec runner."""

import os
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
from stand_in_client import StandInProcess

API = "/api/repos/ops/ci/builds"


def pipeline(*steps, more=""):
    """Each is the text of its commands, a line each."""
    text = f"kind: pipeline\ntype: exec\nname: test\nclone: {{disable: true}}\n{more}\nsteps:\n"
    for number, commands in enumerate(steps, 1):
        lines = "".join(f"      - |\n        {line}\n" for line in commands.splitlines())
        text += f"  - name: step {number}\n    commands:\n{lines}"
    return text


class DroneStandInTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.drone = cls.enterClassContext(StandInProcess(
            "drone_stand_in", environment={**os.environ, "NOT_FOR_STEPS": "x", "USER": "runner"}))

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.drone.test("reset")
        self.drone.test("users", login="bot", token="of-bot", repositories={"ops/ci": "write"})
        self.drone.test("users", login="reader", token="of-reader", repositories={"ops/ci": "read"})
        self.drone.test("runner", root=str(self.folder))

    def repository(self, config, **more):
        self.drone.test("repositories", slug="ops/ci", config=config, **more)

    def ask(self, method, path, user="bot"):
        return self.drone.ask(method, path, authorization=f"Bearer of-{user}")[:2]

    def start(self, query="branch=main"):
        return self.ask("POST", f"{API}?{query}")[1]["number"]

    def ended(self, number):
        done = self.drone.wait_for("builds", lambda builds: builds[number - 1]["status"]
                                   not in ("pending", "running"))
        return done[number - 1]

    def said(self, number, step, text):
        self.drone.wait_for("builds", lambda builds: text in builds[number - 1].get("logs", {}).get(step, ""))

    def perform(self, *steps, query="branch=main", **more):
        self.repository(pipeline(*steps), **more)
        return self.ended(self.start(query))

    def test_a_token_and_a_right_are_needed(self):
        self.repository(pipeline("true"))
        self.assertEqual(self.drone.ask("GET", API)[0], 401)
        self.assertEqual(self.ask("POST", API, user="reader")[0], 403)
        self.assertEqual(self.ask("GET", API, user="reader")[0], 200)
        self.assertEqual(self.ask("GET", "/api/repos/ops/other/builds")[0], 404)

    def test_a_build_has_its_parameters_as_variables(self):
        build = self.perform('echo "got $RECIPE"', query="branch=main&RECIPE=shop&RECIPE=second")
        self.assertEqual(build["params"], {"RECIPE": "shop"})
        self.assertEqual((build["status"], build["event"]), ("success", "custom"))
        self.assertEqual(build["logs"]["step 1"], '+ echo "got $RECIPE"\n\ngot shop\n')
        lines = self.ask("GET", f"{API}/1/logs/1/1")[1]
        self.assertEqual(lines[-1]["out"], "got shop\n")

    def test_a_parameter_in_braces_is_text_of_the_pipeline(self):
        build = self.perform("echo ${RECIPE}", query="RECIPE=shop;touch%20" + str(self.folder / "injected"))
        self.assertEqual(build["status"], "success")
        self.assertTrue((self.folder / "injected").exists())

    def test_what_is_in_backticks_is_done_when_it_is_said(self):
        self.perform(f"true `echo x >>{self.folder}/marks`")
        self.assertEqual((self.folder / "marks").read_text(), "x\nx\n")

    def test_a_step_has_nothing_else_of_its_runner(self):
        build = self.perform("env; pwd; readlink /proc/self/fd/0")
        log = build["logs"]["step 1"]
        self.assertNotIn("NOT_FOR_STEPS", log)
        self.assertIn("\nUSER=runner\n", log)
        self.assertIn("\nDRONE_BUILD_NUMBER=1\n", log)
        self.assertRegex(log, f"\nHOME={self.folder}/drone-[0-9a-f]*/home/drone\n")
        self.assertRegex(log, f"\n{self.folder}/drone-[0-9a-f]*/drone/src\n/dev/null\n$")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_step_is_in_the_group_of_its_runner(self):
        build = self.perform("cut -d' ' -f5 /proc/$$/stat /proc/$PPID/stat")
        self.assertEqual(len(set(build["logs"]["step 1"].splitlines()[-2:])), 1)

    def test_a_failure_skips_the_rest(self):
        build = self.perform("exit 3", "true")
        steps = build["stages"][0]["steps"]
        self.assertEqual([(step["status"], step["exit_code"]) for step in steps], [("failure", 3), ("skipped", 0)])
        self.assertEqual(build["status"], "failure")

    def test_78_is_success_and_skips_the_rest(self):
        build = self.perform("exit 78", "true")
        self.assertEqual([step["status"] for step in build["stages"][0]["steps"]], ["success", "skipped"])
        self.assertEqual(build["status"], "success")

    def test_a_shell_that_dies_of_a_signal_is_minus_one(self):
        build = self.perform("kill -TERM $$")
        self.assertEqual(build["stages"][0]["steps"][0]["exit_code"], -1)

    def test_a_cancel_kills_the_shell_alone(self):
        self.repository(pipeline(f"trap 'touch {self.folder}/trapped' EXIT TERM\n"
                                 f"sh -c 'echo begun; read x <{self.folder}/go; echo yes >{self.folder}/answer'",
                                 "true"))
        os.mkfifo(self.folder / "go")
        os.mkfifo(self.folder / "answer")
        self.said(self.start(), "step 1", "begun")

        status, build = self.ask("DELETE", API + "/1")

        self.assertEqual((status, build["status"]), (200, "killed"))
        self.assertEqual([(step["status"], step["exit_code"]) for step in build["stages"][0]["steps"]],
                         [("killed", 130), ("skipped", 0)])
        # What the shell had started lives, and has its pipe.
        (self.folder / "go").write_text("\n")
        self.assertEqual((self.folder / "answer").read_text(), "yes\n")
        self.assertFalse((self.folder / "trapped").exists())
        self.assertEqual(self.ask("DELETE", API + "/1")[0], 200)

    def test_a_cancel_can_be_lost(self):
        self.drone.test("runner", loses_cancels=True)
        os.mkfifo(self.folder / "go")
        self.repository(pipeline(f"echo begun\nread x <{self.folder}/go\necho went on"))
        self.said(self.start(), "step 1", "begun")
        self.assertEqual(self.ask("DELETE", API + "/1")[1]["status"], "killed")
        (self.folder / "go").write_text("\n")
        self.said(1, "step 1", "went on")
        self.assertEqual(self.ask("GET", API + "/1")[1]["status"], "killed")

    def test_who_keeps_the_pipe_holds_the_build_up(self):
        os.mkfifo(self.folder / "go")
        self.repository(pipeline(f"cat {self.folder}/go & \necho last"))
        self.said(self.start(), "step 1", "\nlast\n")
        self.assertEqual(self.ask("GET", API + "/1")[1]["status"], "running")
        (self.folder / "go").write_text("from behind\n")
        self.assertIn("from behind", self.ended(1)["logs"]["step 1"])

    def test_a_timeout_is_a_cancel(self):
        build = self.perform("sleep 1000", timeout=0.002)
        self.assertEqual((build["status"], build["stages"][0]["exit_code"]), ("killed", 137))

    def test_so_many_builds_run_at_a_time(self):
        self.drone.test("runner", capacity=1)
        os.mkfifo(self.folder / "go")
        self.repository(pipeline(f"read x <{self.folder}/go"))
        first, second = self.start(), self.start()
        self.drone.wait_for("builds", lambda builds: builds[0]["status"] == "running")
        self.assertEqual(self.ask("GET", f"{API}/{second}")[1]["status"], "pending")
        (self.folder / "go").write_text("\n")
        self.assertEqual(self.ended(first)["status"], "success")
        (self.folder / "go").write_text("\n")
        self.assertEqual(self.ended(second)["status"], "success")

    def test_a_build_that_is_skipped_is_null(self):
        self.repository(pipeline("true"), message="mend it [skip ci]")
        self.assertEqual(self.ask("POST", API), (200, None))
        self.repository(pipeline("true", more="trigger: {event: [push]}"))
        self.assertEqual(self.ask("POST", API), (200, None))
        self.assertEqual(self.drone.test("builds", "GET"), [])

    def test_a_commit_that_is_nowhere_is_not_found(self):
        self.repository(pipeline("true"))
        self.assertEqual(self.ask("POST", API + "?branch=gone")[0], 404)
        self.assertEqual(self.ask("POST", API + "?commit=" + "9" * 40)[0], 404)

    def test_a_pipeline_that_is_none_is_an_error(self):
        self.repository("kind: [\n")
        self.assertEqual(self.ended(self.start())["status"], "error")

    def test_old_parameters_win_in_a_restart(self):
        self.perform("true", query="PR=1")
        self.assertEqual(self.ask("POST", API + "/1?PR=2&NEW=3")[1]["params"], {"PR": "1", "NEW": "3"})
        self.assertEqual(self.ended(2)["parent"], 1)

    def test_a_secret_is_not_in_the_log(self):
        self.repository(pipeline("echo $TOKEN") + "    environment: {TOKEN: {from_secret: token}}\n",
                        secrets={"token": "abc123"})
        self.assertTrue(self.ended(self.start())["logs"]["step 1"].endswith("\n[secret:token]\n"))

    def test_a_paused_runner_leaves_builds_to_the_test(self):
        self.drone.test("runner", paused=True)
        self.repository(pipeline("true"))
        number = self.start()
        self.assertEqual(self.ask("GET", f"{API}/{number}")[1]["status"], "pending")
        self.drone.test(f"builds/ops/ci/{number}", "PATCH", status="running")
        self.assertEqual(self.ask("GET", API)[1][0]["status"], "running")
        self.assertEqual(self.ask("GET", API + "/latest")[1]["number"], number)


unittest.main()
