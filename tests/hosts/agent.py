"""Starts processes on a host and tells of their ends: a line of JSON for each order and each event.

  {"start": ID, "argv": [...], "env": {...}, "log": FILE}   output goes to the end of FILE
  {"signal": ID, "number": N}                               to this process alone

answered by {"id": ID, "pid": PID}, and when it has ended {"id": ID, "code": CODE}, negative for a
signal. Each process has a session of its own, and is killed when the agent ends.
"""

import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def say(**words):
    print(json.dumps(words), flush=True)


class Agent:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.children = {}
        self.rest = b""

    def serve(self):
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ, self.listen)
        say(ready=True)
        while True:
            for key, _ in self.selector.select():
                key.data()

    def listen(self):
        read = os.read(sys.stdin.fileno(), 65536)
        if not read:
            sys.exit()
        *lines, self.rest = (self.rest + read).split(b"\n")
        for line in lines:
            order = json.loads(line)
            if "start" in order:
                self.start(order)
            else:
                self.signal(order)

    def start(self, order):
        one = order["start"]
        with open(order["log"], "ab") as log, open(os.devnull, "rb") as null:
            try:
                child = subprocess.Popen(
                    order["argv"], stdin=null, stdout=log, stderr=subprocess.STDOUT,
                    env=order["env"], start_new_session=True,
                    preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
            except OSError as error:
                log.write(f"{error}\n".encode())
                say(id=one, pid=0)
                say(id=one, code=127)
                return
        self.children[one] = child
        end = os.pidfd_open(child.pid)
        self.selector.register(end, selectors.EVENT_READ, lambda: self.reap(one, end))
        say(id=one, pid=child.pid)

    def reap(self, one, end):
        self.selector.unregister(end)
        os.close(end)
        say(id=one, code=self.children.pop(one).wait())

    def signal(self, order):
        child = self.children.get(order["signal"])
        if child:
            child.send_signal(order["number"])


Agent().serve()
