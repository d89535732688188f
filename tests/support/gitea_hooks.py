"""Webhooks as Gitea sends them, for gitea_stand_in."""

import hashlib
import hmac
import http.client
import json
import queue
import threading
import urllib.error
import urllib.parse
import urllib.request
import uuid

# [webhook] DELIVER_TIMEOUT.
PATIENCE = 5
SENDERS = 8


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Hooks:
    def __init__(self, gitea):
        self.gitea, self.waiting = gitea, queue.SimpleQueue()
        self.opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))
        for _ in range(SENDERS):
            threading.Thread(target=self.send_all, daemon=True).start()

    def reset(self):
        self.hooks, self.deliveries = [], []

    def route(self):
        self.gitea.route("POST", "/_test/hooks", lambda request: self.hooks.append(request.json()))
        self.gitea.route("GET", "/_test/deliveries", lambda _: self.deliveries)
        self.gitea.route("POST", "/_test/deliveries/{id}", self.send_again)

    def tell(self, action, comment, sender, own, before=None):
        """With `own`, a hook, returns when that one was told."""
        payload = self.payload(action, comment, sender, before)
        kind = "pull_request_comment" if comment["issue"]["is_pull"] else "issue_comment"
        for hook in self.hooks:
            if hook["repository"] == comment["issue"]["repository"]:
                self.begin(hook, kind, payload)
        if own:
            self.wait_for(self.begin(own, kind, payload))

    def payload(self, action, comment, sender, before):
        issue, gitea = comment["issue"], self.gitea
        payload = {"action": action, "issue": gitea.issue(issue)}
        if issue["is_pull"]:
            payload["pull_request"] = gitea.pull(issue)
        payload["comment"] = gitea.comment(comment)
        if before is not None:
            payload["changes"] = {"body": {"from": before}}
        return payload | {"repository": gitea.public(gitea.repositories[issue["repository"]]),
                          "sender": gitea.user(sender), "is_pull": issue["is_pull"]}

    def begin(self, hook, kind, payload):
        return self.enqueue({"uuid": str(uuid.uuid4()), "url": hook["url"], "kind": kind,
                             "secret": hook.get("secret", ""), "payload": payload, "status": None,
                             "content_type": hook.get("content_type", "json")})

    def enqueue(self, delivery):
        self.deliveries.append(delivery)
        self.waiting.put(delivery)
        return delivery

    def wait_for(self, delivery):
        """Lets the lock go meanwhile: the receiver may ask us before it answers."""
        self.gitea.changed.wait_for(lambda: delivery["status"] is not None)

    def send_again(self, request, id):
        form = request.json()
        old = next(one for one in self.deliveries if one["uuid"] == id)
        again = {**old, "status": None, "uuid": str(uuid.uuid4()) if form.get("uuid") else id}
        self.wait_for(self.enqueue(again))
        return again

    def send_all(self):
        while True:
            delivery = self.waiting.get()
            status = self.send(delivery)
            with self.gitea.changed:
                delivery["status"] = status
                self.gitea.changed.notify_all()

    def send(self, delivery):
        content = json.dumps(delivery["payload"], indent=2).encode()
        body, kind = content, "application/json"
        if delivery["content_type"] == "form":
            body = urllib.parse.urlencode({"payload": content}).encode()
            kind = "application/x-www-form-urlencoded"
        delivery["headers"] = headers(delivery, content) | {"Content-Type": kind}
        request = urllib.request.Request(delivery["url"], body, delivery["headers"])
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code
        except (OSError, http.client.HTTPException):
            return 0


def headers(delivery, content):
    """What is signed is the JSON, whatever it travels in; without a secret the signature is empty."""
    event = "issue_comment"
    said = {"User-Agent": "Go-http-client/1.1"}
    secret = delivery["secret"].encode()
    sha1 = hmac.new(secret, content, hashlib.sha1).hexdigest() if secret else ""
    sha256 = hmac.new(secret, content, hashlib.sha256).hexdigest() if secret else ""
    for forge in ("Gitea", "Gogs", "GitHub"):
        said |= {f"X-{forge}-Delivery": delivery["uuid"], f"X-{forge}-Event": event,
                 f"X-{forge}-Event-Type": delivery["kind"]}
    return said | {"X-Gitea-Signature": sha256, "X-Gogs-Signature": sha256,
                   "X-Hub-Signature": f"sha1={sha1}", "X-Hub-Signature-256": f"sha256={sha256}"}
