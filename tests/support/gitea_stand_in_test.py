#!/usr/bin/env python3
"""What tests rely on in the stand-in for Gitea."""

import hashlib
import hmac
import http.server
import subprocess
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True
from stand_in_client import StandInProcess

API = "/api/v1/repos/recipes/shop"


class Receiver(http.server.HTTPServer):
    """Of webhooks; `does`, if there is one, is done before it answers."""

    def __init__(self, does=None):
        self.got = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                content = self.rfile.read(int(self.headers["Content-Length"]))
                server.got.append((dict(self.headers), content))
                if does:
                    does()
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class GiteaStandInTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gitea = cls.enterClassContext(StandInProcess("gitea_stand_in"))

    def setUp(self):
        self.gitea.test("reset")
        for user in ("bot", "alice", "mallory"):
            self.gitea.test("users", login=user, token=f"of-{user}")
        self.gitea.test("organizations", name="coop", members=["bot", "alice"])
        self.gitea.test("repositories", full_name="recipes/shop", collaborators={"bot": "write"})
        self.gitea.test("pulls", repository="recipes/shop", number=7, user="alice", sha="a" * 40)

    def ask(self, method, path, body=None, user="bot"):
        return self.gitea.ask(method, path, body, f"token of-{user}")

    def status(self, *arguments, **more):
        return self.ask(*arguments, **more)[0]

    def comment(self, body="!testme", **more):
        return self.gitea.test("comments", repository="recipes/shop", number=7, user="alice", body=body, **more)

    def test_a_token_says_who_asks(self):
        self.assertEqual(self.ask("GET", "/api/v1/user")[1]["login"], "bot")
        self.assertEqual(self.gitea.ask("GET", "/api/v1/user", None, "token wrong")[0], 401)
        self.assertEqual(self.gitea.ask("POST", API + "/issues/7/comments", {"body": "x"})[0], 401)

    def test_the_head_of_a_pull_request_moves(self):
        self.assertEqual(self.ask("GET", API + "/pulls/7")[1]["head"]["sha"], "a" * 40)
        self.gitea.test("pulls/recipes/shop/7", "PATCH", sha="b" * 40)
        self.assertEqual(self.ask("GET", API + "/pulls/7")[1]["head"]["sha"], "b" * 40)
        self.assertEqual(self.status("GET", API + "/pulls/8"), 404)

    def test_since_brings_old_comments_that_were_edited(self):
        old = self.comment("old", created_at="2020-01-01T00:00:00Z")
        self.comment("other", created_at="2020-01-01T00:00:00Z")
        self.assertEqual(self.ask("GET", API + "/issues/comments?since=2021-01-01T00:00:00Z")[1], [])
        self.gitea.test(f"comments/{old['id']}", "PATCH", body="!testme")
        found = self.ask("GET", API + "/issues/comments?since=2021-01-01T00:00:00Z")[1]
        self.assertEqual([one["body"] for one in found], ["!testme"])
        self.assertEqual(found[0]["created_at"], "2020-01-01T00:00:00Z")
        self.assertEqual(self.status("GET", API + "/issues/comments?since=yesterday"), 422)

    def test_comments_come_in_pages_with_their_number(self):
        for number in range(5):
            self.comment(str(number))
        _, found, headers = self.ask("GET", API + "/issues/comments?limit=2&page=3")
        self.assertEqual([one["body"] for one in found], ["4"])
        self.assertEqual(headers["X-Total-Count"], "5")
        self.assertTrue(found[0]["pull_request_url"].endswith("/recipes/shop/pulls/7"))
        self.assertEqual(len(self.ask("GET", API + "/issues/7/comments?limit=2")[1]), 5)

    def test_a_comment_is_made_and_edited_by_those_who_may(self):
        status, made, _ = self.ask("POST", API + "/issues/7/comments", {"body": "one"})
        self.assertEqual(status, 201)
        at = f"{API}/issues/comments/{made['id']}"
        self.assertEqual(self.status("PATCH", at, {"body": "two"}), 200)
        self.assertEqual(self.status("PATCH", at, {"body": "three"}, user="mallory"), 403)
        self.assertEqual(self.gitea.test("comments", "GET")[0]["history"], ["one", "two"])
        self.assertEqual(self.status("PATCH", API + "/issues/comments/1", {"body": "two"}), 404)

    def test_a_status_is_asked_as_state_and_answered_as_status(self):
        at = f"{API}/statuses/{'a' * 40}"
        status, made, _ = self.ask("POST", at, {"state": "pending", "context": "cc-ci"})
        self.assertEqual((status, made["status"], "state" in made), (201, "pending", False))
        self.assertEqual(self.status("POST", at, {"state": "running"}), 422)
        self.assertEqual(self.status("POST", at, {"state": "pending"}, user="alice"), 403)
        self.assertEqual(self.status("POST", f"{API}/statuses/{'c' * 40}", {"state": "pending"}), 500)
        self.assertEqual(len(self.gitea.test("statuses", "GET")), 1)

    def test_rights_are_told_to_those_who_may_know(self):
        self.assertEqual(self.status("GET", API + "/collaborators/bot"), 204)
        self.assertEqual(self.status("GET", API + "/collaborators/alice"), 404)
        self.assertEqual(self.status("GET", API + "/collaborators/nobody"), 422)
        self.assertEqual(self.status("GET", API + "/collaborators/alice/permission"), 403)
        self.assertEqual(self.ask("GET", API + "/collaborators/bot/permission")[1]["permission"], "write")
        self.assertEqual(self.status("GET", "/api/v1/orgs/coop/members/alice"), 204)
        self.assertEqual(self.status("GET", "/api/v1/orgs/coop/members/mallory"), 404)
        self.assertEqual(self.status("GET", "/api/v1/orgs/coop/members/alice", user="mallory"), 302)

    def test_a_private_repository_is_not_there_for_others(self):
        self.gitea.test("repositories", full_name="recipes/secret", private=True)
        self.assertEqual(self.status("GET", "/api/v1/repos/recipes/secret"), 404)

    def test_a_repository_can_be_cloned(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        git = ["git", "-C", folder, "-c", "user.name=m", "-c", "user.email=m@example.net"]
        for command in (["init", "--quiet", "--bare", "bare"], ["clone", "--quiet", "bare", "tree"],
                        ["-C", "tree", "commit", "--quiet", "--allow-empty", "--message=x"],
                        ["-C", "tree", "push", "--quiet", "origin", "HEAD:main"]):
            subprocess.run([*git, *command], check=True, stderr=subprocess.DEVNULL)
        commit = subprocess.check_output([*git, "-C", "tree", "rev-parse", "HEAD"], text=True).strip()
        self.gitea.test("repositories", full_name="recipes/cloned", git=f"{folder}/bare")
        subprocess.run([*git, "init", "--quiet", "copy"], check=True)
        subprocess.run([*git, "-C", "copy", "fetch", "--quiet", "--depth=1",
                        f"{self.gitea.url}/recipes/cloned.git", commit], check=True)

    def test_a_webhook_is_signed_and_may_ask_before_it_answers(self):
        with Receiver(lambda: self.ask("GET", API + "/pulls/7")) as receiver:
            self.comment(webhook={"url": receiver.url, "secret": "of both"})
            headers, content = receiver.got[0]
        self.assertEqual(headers["X-Gitea-Signature"],
                         hmac.new(b"of both", content, hashlib.sha256).hexdigest())
        self.assertEqual((headers["X-Gitea-Event"], headers["X-Gitea-Event-Type"]),
                         ("issue_comment", "pull_request_comment"))
        payload = self.gitea.test("deliveries", "GET")[0]["payload"]
        self.assertEqual((payload["action"], payload["comment"]["body"], payload["is_pull"]),
                         ("created", "!testme", True))

    def test_a_delivery_comes_again_with_its_number_or_another(self):
        with Receiver() as receiver:
            self.comment(webhook={"url": receiver.url})
            first = self.gitea.test("deliveries", "GET")[0]["uuid"]
            self.gitea.test(f"deliveries/{first}")
            self.gitea.test(f"deliveries/{first}", uuid=True)
            numbers = [headers["X-Gitea-Delivery"] for headers, _ in receiver.got]
        self.assertEqual([number == first for number in numbers], [True, True, False])
        self.assertEqual(receiver.got[0][0]["X-Gitea-Signature"], "")

    def test_a_bot_hears_of_its_own_comments(self):
        with Receiver() as receiver:
            self.gitea.test("hooks", repository="recipes/shop", url=receiver.url, secret="s")
            self.ask("POST", API + "/issues/7/comments", {"body": "queued"})
            self.gitea.wait_for("deliveries", lambda all_of_them: [one["status"] for one in all_of_them] == [204])

    def test_troubles_come_as_often_as_was_said(self):
        self.gitea.test("troubles", times=2, status=429, headers={"Retry-After": "1"}, method="POST")
        at = API + "/issues/7/comments"
        self.assertEqual(self.status("GET", at), 200)
        self.assertEqual([self.status("POST", at, {"body": "x"}) for _ in range(3)], [429, 429, 201])

    def test_a_trouble_after_the_deed_loses_the_answer_only(self):
        self.gitea.test("troubles", drop=True, after=True)
        with self.assertRaises(OSError):
            self.ask("POST", API + "/issues/7/comments", {"body": "x"})
        self.assertEqual(len(self.gitea.test("comments", "GET")), 1)

    def test_who_hangs_gives_no_answer(self):
        self.gitea.test("troubles", hang=True)
        with self.assertRaises(TimeoutError):
            self.gitea.ask("GET", API, authorization="token of-bot", timeout=0.2)
        self.assertEqual(self.status("GET", API), 200)

    def test_requests_are_written_down(self):
        self.ask("GET", API)
        self.assertEqual(self.gitea.test("requests", "GET"),
                         [{"method": "GET", "target": API, "login": "bot", "status": 200}])


unittest.main()
