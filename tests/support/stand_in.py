"""An HTTP server on the loopback that stands in for somebody else's: routes, troubles, a control path.

Its first line on stdout is its port. Whatever begins with /_test is not the other's API but for tests:

  GET    /_test/requests   what was asked, oldest first: method, target, login, status
  DELETE /_test/requests   forgets that
  POST   /_test/troubles   {"times": 2, "status": 500}: so many next requests of the API have that answer
  DELETE /_test/troubles   and from now on none
  POST   /_test/reset      forgets all that it was told

A trouble has "status" (with "headers" if wanted), or "hang": true (no answer, until the client goes), or
"drop": true (the connection ends without one). "after": true does what was asked before that, so the
answer alone is lost. "method" and "path" (a regular expression) say which requests it is for.
"""

import argparse
import http.server
import json
import re
import signal
import socketserver
import sys
import threading
import urllib.parse


class Answer(Exception):
    """What a request gets; raised for a refusal. A body is JSON, but for bytes."""

    def __init__(self, status, body=None, headers=None):
        super().__init__(status, body)
        self.status, self.body, self.headers = status, body, headers or {}


class Request:
    def __init__(self, method, target, headers, content):
        self.method, self.target, self.headers, self.content = method, target, headers, content
        parts = urllib.parse.urlsplit(target)
        self.path = parts.path
        self.query = dict(reversed(urllib.parse.parse_qsl(parts.query, keep_blank_values=True)))
        self.login = None

    def json(self):
        try:
            value = json.loads(self.content or b"{}")
        except ValueError as error:
            raise Answer(400, {"message": f"json: {error}"}) from None
        if not isinstance(value, dict):
            raise Answer(422, {"message": "not an object"})
        return value

    def number(self, name, otherwise):
        text = self.query.get(name, "")
        return int(text) if text.isdecimal() else otherwise


class StandIn:
    """Has the state, under one lock; `changed` is notified of each request that was answered."""

    def __init__(self):
        self.changed = threading.Condition(threading.RLock())
        self.routes, self.url = [], ""
        self.route("GET", "/_test/requests", lambda _: self.requests)
        self.route("DELETE", "/_test/requests", lambda _: self.requests.clear())
        self.route("POST", "/_test/troubles", lambda request: self.troubles.append(request.json()))
        self.route("DELETE", "/_test/troubles", lambda _: self.troubles.clear())
        self.route("POST", "/_test/reset", lambda _: self.reset())
        self.reset()

    def reset(self):
        self.troubles, self.requests = [], []

    def route(self, method, pattern, handler):
        """{name} in the pattern is a part of the path ({name+}: or several), and goes to the handler after the request."""
        expression = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", pattern)
        expression = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", expression)
        self.routes.append((method, re.compile(expression), handler))

    def identify(self, request):
        """Says in request.login who asks, or raises the refusal."""

    def trouble_of(self, request):
        for trouble in self.troubles:
            if trouble.get("method", request.method) == request.method \
                    and re.search(trouble.get("path", ""), request.path):
                trouble["times"] = trouble.get("times", 1) - 1
                if trouble["times"] <= 0:
                    self.troubles.remove(trouble)
                return trouble
        return None

    def perform(self, request):
        found = [(handler, match) for method, pattern, handler in self.routes
                 if method == request.method and (match := pattern.fullmatch(request.path))]
        if not found:
            raise Answer(404, {"message": "Not Found"})
        handler, match = found[0]
        done = handler(request, **{name: urllib.parse.unquote(part)
                                   for name, part in match.groupdict().items()})
        return done if isinstance(done, Answer) else Answer(200, done)

    def answer(self, request):
        """(the answer, the trouble instead of it or None)"""
        with self.changed:
            of_api = not request.path.startswith("/_test/")
            trouble = self.trouble_of(request) if of_api else None
            try:
                if of_api:
                    self.identify(request)
                if not trouble or trouble.get("after"):
                    answer = self.perform(request)
                else:
                    answer = Answer(0)
            except Answer as refusal:
                answer = refusal
            if trouble and "status" in trouble:
                answer = Answer(trouble["status"], {"message": "trouble"}, trouble.get("headers"))
            if of_api:
                silent = trouble and not trouble.get("status")
                self.requests.append({"method": request.method, "target": request.target,
                                      "login": request.login, "status": 0 if silent else answer.status})
            self.changed.notify_all()
            answer.headers = {"Content-Type": "application/json", **answer.headers}
            answer.text = answer.body if isinstance(answer.body, bytes) else \
                b"" if answer.status in (204, 302) else json.dumps(answer.body).encode()
            return answer, trouble

    def serve(self, port=0):
        """Until SIGTERM."""
        server = Server(("127.0.0.1", port), handler_of(self))
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print(server.server_address[1], flush=True)
        server.serve_forever()


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    # A burst of clients must not be refused by the kernel.
    request_queue_size = 1024

    def handle_error(self, *of):
        # A client that goes away is what some tests are about.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(*of)


def handler_of(stand_in):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else each answer waits for the client's acknowledgement of its head.
        disable_nagle_algorithm = True

        def handle_any(self):
            length = int(self.headers.get("Content-Length") or 0)
            request = Request(self.command, self.path, self.headers, self.rfile.read(length))
            answer, trouble = stand_in.answer(request)
            if trouble and "status" not in trouble:
                self.close_connection = True
                if trouble.get("hang"):
                    self.connection.recv(1)
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.text)))
            self.end_headers()
            self.wfile.write(answer.text)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, *_):
            pass

    return Handler


def arguments(description):
    parser = argparse.ArgumentParser(description=f"{description}\n{__doc__}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    return parser
