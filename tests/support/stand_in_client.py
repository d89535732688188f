"""Starts a stand-in for as long as a `with` lasts, and asks it things."""

import json
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class StandInProcess:
    def __init__(self, name, *arguments, environment=None):
        self.process = subprocess.Popen([HERE / name, *arguments], stdout=subprocess.PIPE, text=True,
                                        stdin=subprocess.DEVNULL, env=environment)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        self.opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, method, path, body=None, authorization=None, timeout=10):
        """(status, what its JSON is, headers)"""
        request = urllib.request.Request(self.url + path, None if body is None else json.dumps(body).encode(),
                                         method=method)
        if authorization:
            request.add_header("Authorization", authorization)
        try:
            answer = self.opener.open(request, timeout=timeout)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            return answer.status, json.loads(answer.read() or b"null"), answer.headers

    def test(self, path, method="POST", /, **body):
        """What the control path answers."""
        status, said, _ = self.ask(method, f"/_test/{path}", body)
        assert status == 200, (path, status, said)
        return said

    def wait_for(self, path, wanted, timeout=30):
        """What the control path says, as soon as it is wanted."""
        end = time.monotonic() + timeout
        while not wanted(said := self.test(path, "GET")):
            assert time.monotonic() < end, said
            time.sleep(0.01)  # A stand-in is asked; it does not call.
        return said
