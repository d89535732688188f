#!/usr/bin/env python3
"""The bridge as it is installed, between stand-ins of Gitea and Drone."""

import concurrent.futures
import json
import pathlib
import random
import socket
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from bridge_scene import BUILD, COMMIT, PULL, REPOSITORY, BridgeTest, stamp, until


def verdict(kind, reason="", code=0):
    return {"verdict": kind, "exit_code": code, "reason": reason}


class WayInTest(BridgeTest):
    def test_a_comment_starts_a_build_of_the_head(self):
        bridge = self.listening()
        comment = self.say(bridge)
        build = self.wait_for_builds()[0]
        self.assertEqual(build["params"], {"RECIPE": "immich", "REF": COMMIT, "PR": str(PULL),
                                           "SRC": "mallory/immich", "CCCI_TRIGGER": str(comment["id"])})
        self.assertEqual(build["target"], "main")
        self.wait_for_answer("**Queued**: `the build waits for a runner`\n[run 291]")
        said = self.wait_for_state("pending")
        self.assertEqual((said["sha"], said["context"], said["target_url"]),
                         (COMMIT, "cc-ci", f"{self.drone.url}/ops/ci/291"))

    def test_a_collaborator_may_ask_for_the_quick_lane(self):
        bridge = self.listening()
        self.say(bridge, " !testme --quick\n", user="carl")
        self.assertEqual(self.wait_for_builds()[0]["params"]["CCCI_QUICK"], "1")
        self.end_build(291, "success")
        self.assertEqual(self.wait_for_state("success")["context"], "cc-ci/quick")
        self.wait_for_answer("**Passed (quick, lower confidence)**")

    def test_nothing_else_is_a_trigger(self):
        bridge = self.listening()
        for body in ("!testmexyz", "!testme foo", "> !testme", "please !testme", "!testme\n--quick"):
            self.say(bridge, body)
        edited = self.say(bridge, "looks good")
        self.gitea.test(f"comments/{edited['id']}", "PATCH", body="!testme", webhook=self.hook(bridge))
        self.gitea.test("issues", repository=REPOSITORY, number=8, user="maria")
        self.gitea.test("comments", repository=REPOSITORY, number=8, user="maria", body="!testme",
                        webhook=self.hook(bridge))
        last = self.say(bridge)
        self.assertEqual([one["params"]["CCCI_TRIGGER"] for one in self.wait_for_builds()], [str(last["id"])])
        self.assertTrue(all(one["status"] == 202 for one in self.gitea.test("deliveries", "GET")))

    def test_a_stranger_gets_a_line_in_the_log_alone(self):
        bridge = self.listening()
        stranger = self.say(bridge, user="mallory")
        until(lambda: f"comment {stranger['id']} of mallory, who may not" in bridge.said())
        self.say(bridge)
        self.wait_for_answer("[run 291]")
        self.assertEqual(len(self.builds()), 1)
        self.assertEqual(len(self.answers()), 1)

    def test_a_delivery_is_taken_once(self):
        bridge = self.listening(bridge_poll="50ms")
        until(lambda: len([one for one in self.gitea.test("requests", "GET")
                           if "/issues/comments" in one["target"]]) > 1)
        self.say(bridge)
        delivery = self.gitea.test("deliveries", "GET")[0]
        for again in ({}, {"uuid": True}, {}):
            self.assertEqual(self.gitea.test(f"deliveries/{delivery['uuid']}", **again)["status"], 202)
        self.wait_for_answer("[run 291]")
        self.assertEqual(len(self.builds()), 1)

    def test_what_is_not_signed_is_not_looked_at(self):
        bridge = self.listening()
        self.say(bridge, secret="another")
        self.say(bridge, secret="")
        self.assertEqual([one["status"] for one in self.gitea.test("deliveries", "GET")], [401, 401])
        self.assertEqual(bridge.post(b"{}"), 401)
        self.assertEqual(bridge.deliver(b"{}", **{"X-Gitea-Signature": "0" * 64}), 401)
        self.assertEqual(bridge.deliver(b"{", **{"X-Gitea-Signature": ""}), 401)
        self.assertIn("a delivery was refused: 401", bridge.said())
        self.assertEqual(self.gitea.test("requests", "GET"), [])

    def test_what_is_no_delivery_is_refused(self):
        bridge = self.listening()
        for body in (b"", b"{", b"null", b"[1]", b"{\"action\": 1}", b"\xff\xfe", b"[" * 100000,
                     json.dumps({"action": "created", "comment": {"id": "x"}, "issue": {"pull_request": {}}})
                     .encode()):
            self.assertEqual(bridge.deliver(body), 400, body[:20])
        self.assertEqual(bridge.deliver({}, **{"X-Gitea-Event": "push"}), 202)
        self.assertEqual(bridge.deliver({}, **{"X-Gitea-Delivery": "x" * 101}), 400)
        self.assertEqual(bridge.post(b"", path="/"), 404)
        self.assertEqual(bridge.deliver(b"x" * (1 << 20) + b"x"), 413)
        self.say(bridge)
        self.wait_for_builds()

    def test_silent_clients_keep_nobody_out(self):
        bridge = self.listening()
        silent = []
        for _ in range(1100):
            client = socket.create_connection(("127.0.0.1", bridge.port))
            self.addCleanup(client.close)
            client.send(b"POST /gitea HTTP/1.1\r\nContent-Length: 1000\r\n\r\nx")
            silent.append(client)
        self.say(bridge)
        self.wait_for_builds()

    def test_polling_begins_now(self):
        old = self.comment(created_at="2026-01-01T00:00:00Z")
        bridge = self.bridge(bridge_listen="", bridge_poll="50ms")
        until(lambda: len([one for one in self.gitea.test("requests", "GET")
                           if "/issues/comments" in one["target"]]) > 1)
        self.gitea.test(f"comments/{old['id']}", "PATCH", body="!testme ")
        new = self.comment()
        self.assertEqual(self.wait_for_builds()[0]["params"]["CCCI_TRIGGER"], str(new["id"]))
        self.wait_for_answer("[run 291]")
        self.assertEqual(len(self.builds()), 1)
        # What comes while it is away is found, and what it knows is not taken again.
        bridge.kill()
        later = self.comment(user="carl")
        self.bridge(bridge_listen="", bridge_poll="50ms")
        self.assertEqual(self.wait_for_builds(2)[1]["params"]["CCCI_TRIGGER"], str(later["id"]))
        self.assertEqual(len(self.builds()), 2)

    def test_polling_turns_pages(self):
        self.bridge(bridge_listen="", bridge_poll="50ms")
        until(lambda: self.gitea.test("requests", "GET"))
        for number in range(120):
            self.comment(f"{number}")
        self.comment()
        self.wait_for_builds()

    def test_a_burst_starts_exactly_the_right_builds(self):
        bridge = self.listening(drone_poll="1min")
        for number in range(100, 140):
            self.gitea.test("pulls", repository=REPOSITORY, number=number, user="maria", sha=f"{number:040x}")
        payloads, wanted = [], set()
        for number in range(1000):
            # 40 are asked for by somebody who may, and each of these comes five times.
            kind = number % 25
            asked = number % 200 + 100000
            author, body = ("mallory", "!testme") if kind > 20 else ("maria", "looks good")
            if kind % 5 == 0:
                author, body = "carl", "!testme"
                wanted.add(str(asked))
            payloads.append({
                "action": "created", "is_pull": True,
                "issue": {"number": asked % 40 + 100, "pull_request": {"merged": False}},
                "comment": {"id": asked, "user": {"login": author}, "body": body,
                            "created_at": stamp(), "updated_at": stamp()},
                "repository": {"full_name": REPOSITORY}})
            payloads[-1]["comment"]["updated_at"] = payloads[-1]["comment"]["created_at"]
        self.assertEqual(len(wanted), 40)
        random.Random(7).shuffle(payloads)
        with concurrent.futures.ThreadPoolExecutor(32) as senders:
            self.assertEqual(set(senders.map(bridge.deliver, payloads)), {202})
        self.wait_for_builds(40)
        until(lambda: {one["sha"] for one in self.statuses()} == {f"{int(one) % 40 + 100:040x}" for one in wanted})
        started = [one["params"]["CCCI_TRIGGER"] for one in self.builds()]
        self.assertEqual(sorted(started), sorted(wanted))


class WayOutTest(BridgeTest):
    def started(self, **more):
        bridge = self.listening(**more)
        self.say(bridge)
        self.wait_for_builds()
        return bridge

    def test_one_comment_tells_it_all(self):
        self.started()
        self.wait_for_answer("**Queued**")
        self.record("291", state="running", phase="upgrade")
        self.wait_for_answer("**Running**: `upgrade`")
        self.results("291")
        self.record("291", ended=stamp(), result=verdict("failed", "the job exited with 1", 1))
        self.end_build(291, "failure")
        text = self.wait_for_answer("**Failed, level 1 of 5 (upgrade: failed)**")
        self.assertIn("`the job exited with 1`", text)
        self.assertIn("| install | passed | 41s |  |\n| upgrade | failed | 2s | `exit 1` |\n", text)
        self.assertEqual(self.wait_for_state("failure")["description"],
                         "Failed, level 1 of 5 (upgrade: failed): the job exited with 1")
        self.assertEqual(len(self.answers()), 1)
        self.assertLessEqual(len(self.answers()[0]["history"]), 3)

    def test_a_second_run_is_told_in_the_same_comment(self):
        bridge = self.started()
        self.end_build(291, "failure")
        self.wait_for_answer("**Failed**")
        self.say(bridge, user="carl")
        self.wait_for_builds(2)
        self.end_build(292, "success")
        text = self.wait_for_answer("**Passed**")
        self.assertIn("\nBefore that:\n\n- Failed: [run 291]", text)
        self.assertEqual(len(self.answers()), 1)
        self.wait_for_state("success")

    def test_a_deleted_comment_is_made_anew(self):
        self.started()
        first = until(lambda: self.answers())[0]
        self.gitea.test("troubles", method="PATCH", status=404)
        self.end_build(291, "success")
        text = self.wait_for_answer("**Passed**")
        self.assertEqual(len(self.answers()), 2)
        self.assertNotEqual(first["body"], text)

    def test_a_killed_build_is_told_with_the_runs_own_end(self):
        self.started()
        self.record("291", state="tearing-down", phase="teardown")
        self.end_build(291, "killed")
        self.record("291", ended=stamp(), result=verdict("cancelled", "Drone has killed build 291", 143))
        self.wait_for_answer("**Cancelled**")
        self.assertEqual(self.wait_for_state("error")["description"], "Cancelled: Drone has killed build 291")

    def test_what_a_run_says_is_shown_and_no_more(self):
        hostile = "@all <img src=x onerror=alert(1)> [x](http://y.example) `| #7\n# x"
        self.started(dashboard_url="https://ci.example.net/")
        self.record("291", state="running", phase=hostile[:32])
        self.results("291", lane=hostile, tiers=[
            {"tier": "install", "result": "fail", "message": hostile, "seconds": 1},
            {"tier": hostile, "result": "pass", "message": "", "seconds": 1}])
        self.record("291", ended=stamp(), result=verdict("failed", hostile, 1))
        self.end_build(291, "failure")
        text = self.wait_for_answer("**Failed, level 1")
        outside = "".join(text.split("`")[::2])
        for word in ("@", "<img", "y.example", "#7", "\n# "):
            self.assertNotIn(word, outside)
        self.assertIn("[run 291](https://ci.example.net/runs/291)", text)

    def test_a_skipped_build_is_said_to_be(self):
        self.drone.test("repositories", slug="ops/ci", config=PIPELINE_OFF, message="fix [skip ci]")
        bridge = self.listening()
        self.say(bridge)
        self.wait_for_answer("**Skipped**: `Drone has skipped the build")
        self.wait_for_state("error")
        self.assertEqual(self.builds(), [])

    def test_a_closed_pull_request_is_not_tested(self):
        self.gitea.test(f"pulls/{REPOSITORY}/{PULL}", "PATCH", state="closed")
        bridge = self.listening()
        self.say(bridge)
        self.wait_for_answer("**Not started**: `the pull request is closed or merged`")
        self.assertEqual(self.builds(), [])

    def test_a_status_that_may_not_be_set_holds_nothing_up(self):
        self.gitea.test("repositories", full_name=REPOSITORY, collaborators={"carl": "write"})
        bridge = self.started()
        self.end_build(291, "success")
        self.wait_for_answer("**Passed**")
        self.assertIn("set the status of a commit of recipes/immich: HTTP 403", bridge.said())


class TroubleTest(BridgeTest):
    def only_build(self):
        self.wait_for_answer("[run 291]")
        self.assertEqual(len(self.builds()), 1)
        return self.builds()[0]

    def test_drone_is_down_and_comes_back(self):
        bridge = self.listening()
        self.drone.test("troubles", times=1, status=429, headers={"Retry-After": "1"})
        begin = time.monotonic()
        self.say(bridge)
        self.only_build()
        self.assertGreater(time.monotonic() - begin, 1, "it was asked to wait")
        self.assertIn("Drone answers again", bridge.said())

    def test_a_lost_answer_starts_no_second_build(self):
        for trouble in ({"drop": True, "after": True}, {"status": 502, "after": True}):
            with self.subTest(trouble):
                self.begin_anew()
                bridge = self.listening()
                self.drone.test("troubles", method="POST", **trouble)
                self.say(bridge)
                self.only_build()

    def test_gitea_is_down_and_comes_back(self):
        bridge = self.listening()
        self.gitea.test("troubles", times=1, status=503)
        self.say(bridge)
        self.only_build()
        self.assertIn("HTTP 503; Gitea is asked again after", bridge.said())

    def test_a_lost_answer_makes_no_second_comment(self):
        bridge = self.listening()
        self.gitea.test("troubles", method="POST", path="/comments$", drop=True, after=True)
        self.say(bridge)
        self.only_build()
        self.end_build(291, "success")
        self.wait_for_answer("**Passed**")
        self.assertEqual(len(self.answers()), 1)

    def test_a_restart_goes_on_where_it_was(self):
        bridge = self.listening()
        self.say(bridge)
        self.wait_for_builds()
        self.wait_for_answer("**Queued**")
        bridge.kill()
        self.record("291", ended=stamp(), result=verdict("passed"))
        self.end_build(291, "success")
        self.listening()
        self.wait_for_answer("**Passed**")
        self.assertEqual((len(self.builds()), len(self.answers())), (1, 1))


@unittest.skipUnless((BUILD / "failing/libexec/cc-ci/cc-ci-services").exists(), "needs cc-ci-failing")
class KilledTest(BridgeTest):
    def test_a_bridge_that_is_killed_anywhere_starts_one_build_and_makes_one_comment(self):
        for point in ("bridge.arrival.kept", "bridge.state.kept", "bridge.state.kept@2",
                      "bridge.state.kept@3", "bridge.build.started", "bridge.comment.intent.kept",
                      "bridge.comment.made"):
            with self.subTest(point):
                self.begin_anew()
                bridge = self.bridge(failing=f"{point}:kill")
                if point != "bridge.state.kept":
                    bridge.wait_to_listen()
                    self.say(bridge)
                self.assertEqual(bridge.wait_to_die(), -9)
                again = self.listening()
                if point == "bridge.state.kept":
                    self.say(again)
                self.wait_for_builds()
                self.end_build(291, "success")
                self.wait_for_answer("**Passed**")
                self.assertEqual((len(self.builds()), len(self.answers())), (1, 1))


class OperatorTest(BridgeTest):
    def refusal(self, *arguments, **changes):
        bridge = self.bridge(*arguments, **changes)
        self.assertEqual(bridge.wait_to_die(), 2, bridge.said())
        return bridge.said()

    def test_it_says_what_it_lacks(self):
        (self.directory / "empty").write_text(" \n")
        for changes, words in (
                ({"bridge_secret_file": str(self.directory / "empty")}, "bridge_secret_file: want one line in"),
                ({"bridge_secret_file": ""}, "the bridge needs bridge_secret_file"),
                ({"bridge_forge_token_file": "/nowhere"}, "bridge_forge_token_file: there is no /nowhere"),
                ({"bridge_repositories": []}, "the bridge needs bridge_repositories"),
                ({"bridge_listen": ""}, "the bridge hears of no comment"),
                ({"forge": "http://git.example.net"}, "in the clear: want https")):
            with self.subTest(changes):
                self.assertIn(words, self.refusal(**changes))

    def test_there_is_one_of_a_directory(self):
        self.listening()
        second = self.bridge(bridge_listen="", bridge_poll="1min")
        self.assertEqual(second.wait_to_die(), 125)
        self.assertIn("another bridge runs", second.said())

    def test_a_check_asks_and_changes_nothing(self):
        good = self.bridge("--check")
        self.assertEqual(good.wait_to_die(), 0, good.said())
        self.assertEqual(good.said().count("ok "), 6, good.said())
        self.gitea.test("repositories", full_name=REPOSITORY, collaborators={})
        self.gitea.test("organizations", name="coop", members=["maria"])
        (self.directory / "drone").write_text("wrong")
        bad = self.bridge("--check")
        self.assertEqual(bad.wait_to_die(), 1)
        self.assertIn("failed commit statuses of recipes/immich can be set: the token's user may not write",
                      bad.said())
        self.assertIn("failed members of coop can be looked up: the token's user is no member", bad.said())
        self.assertIn("failed builds of ops/ci can be listed: list builds of ops/ci: HTTP 401", bad.said())
        asked = self.gitea.test("requests", "GET") + self.drone.test("requests", "GET")
        self.assertEqual({one["method"] for one in asked}, {"GET"})

    def test_options_go_before_the_configuration(self):
        (self.directory / "state").mkdir()
        bridge = self.bridge("--state-dir", str(self.directory / "state"),
                             "--secret-file", str(self.directory / "secret"), bridge_secret_file="/nowhere")
        bridge.wait_to_listen()
        self.say(bridge)
        self.wait_for_builds()
        kept = self.directory / "state" / "bridge.json"
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        for secret in ("of-bot", "drone-token", "between us"):
            self.assertNotIn(secret, kept.read_text() + bridge.said())

PIPELINE_OFF = "kind: pipeline\ntype: exec\nname: ci\nsteps: []\n"


if __name__ == "__main__":
    unittest.main()
