"""A replica of the engine of Drone's exec runner (v1.0.0-beta.10), as its sources have it.

A step is `/bin/sh -e FILE`: no process group, no session and no cgroup of its own, /dev/null as its
input, one pipe for both outputs. A cancel is SIGKILL for that shell and nothing else, after which the
step is over at once, no other begins, and the files of the build are removed. A step that ends by
itself is over when its pipe is, so whoever has kept that open holds the build up.
"""

import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import subprocess
import threading

import yaml

CANCELLED = 137
SKIP_THE_REST = 78
# Of a log that is longer its runner keeps the end.
LONGEST_LOG = 5 * 1024 * 1024


class Broken(Exception):
    """A pipeline that Drone would not run, or one that this replica cannot."""


def substitute(text, variables):
    """Before it is YAML or anything else. What has several lines is quoted; functions are not here."""
    def value(match):
        if match[0].startswith("$$"):
            return match[0][1:]
        if not re.fullmatch(r"\w+", match[1]):
            raise Broken(f"no functions in {match[0]}")
        found = variables.get(match[1], "")
        return f'"{found}"'.replace("\n", "\\n") if "\n" in found else found

    return re.sub(r"\$?\$\{([^}]*)\}", value, text)


def parse(text, variables):
    """The pipelines of the kind `exec` in a .drone.yml."""
    try:
        documents = [one for one in yaml.safe_load_all(substitute(text, variables)) if one]
    except yaml.YAMLError as error:
        raise Broken(f"yaml: {error}") from None
    pipelines = []
    for document in documents:
        if document.get("kind") != "pipeline" or document.get("type") != "exec":
            continue
        for step in document.get("steps", []):
            if "depends_on" in step or not isinstance(step.get("commands"), list):
                raise Broken(f"step {step.get('name')}: no list of commands, or depends_on")
        pipelines.append(document)
    if not pipelines:
        raise Broken("no pipeline of the kind exec")
    return pipelines


def is_for(text, event):
    """Whether one of its pipelines wants builds of that event. One that is no YAML wants them, and fails."""
    try:
        return any(event in document.get("trigger", {}).get("event", [event])
                   for document in yaml.safe_load_all(text) if document)
    except yaml.YAMLError:
        return True


def script(commands):
    """Each command is said before it is done; and what it has in backticks is done by that already."""
    text = "\nset -e\n"
    for command in commands:
        said = json.dumps(command, ensure_ascii=False).replace("$", "\\$")
        text += f"\necho + {said}\n{command}\n"
    return text


def clone_commands(remote, branch, commit):
    return ["git init", f"git remote add origin {remote}", f"git fetch origin +refs/heads/{branch}:",
            f"git checkout {commit} -b {branch}"]


class Log:
    """What a step has said, until it is closed; then it is read on, and lost."""

    def __init__(self, masks):
        self.text, self.closed, self.masks = b"", False, masks

    def write(self, chunk):
        for name, secret in self.masks.items():
            chunk = chunk.replace(secret.encode(), f"[secret:{name}]".encode())
        if not self.closed:
            self.text = (self.text + chunk)[-LONGEST_LOG:]


class Workspace:
    """The files of one pipeline, and how its steps find them."""

    def __init__(self, root):
        self.root = pathlib.Path(root) / f"drone-{secrets.token_hex(8)}"
        self.source, self.home = self.root / "drone/src", self.root / "home/drone"
        for folder in (self.source, self.home, self.root / "opt"):
            folder.mkdir(parents=True, mode=0o700)

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)

    def variables(self):
        return {"HOME": str(self.home), "HOMEPATH": str(self.home), "USERPROFILE": str(self.home),
                "DRONE_HOME": str(self.source), "DRONE_WORKSPACE": str(self.source),
                "GIT_TERMINAL_PROMPT": "0"}

    def put_script(self, name, commands):
        path = self.root / "opt" / re.sub(r"\W+", "-", name.lower())
        path.write_text(script(commands))
        path.chmod(0o700)
        return path


def inherited():
    """Of the runner's own environment, all that a step gets."""
    return {name: os.environ[name] for name in ("PATH", "USER") if name in os.environ}


class Course:
    """Of a pipeline; `news` is notified of whatever a step waits for."""

    def __init__(self):
        self.news, self.cancelled = threading.Condition(), False

    def cancel(self):
        with self.news:
            self.cancelled = True
            self.news.notify_all()


def run_step(workspace, name, commands, environment, log, course):
    """Its exit code; CANCELLED as soon as its course is."""
    reader, writer = os.pipe()
    pipe = open(reader, "rb", buffering=0)
    try:
        shell = subprocess.Popen(["/bin/sh", "-e", workspace.put_script(name, commands)],
                                 cwd=workspace.source, env=environment, stdin=subprocess.DEVNULL,
                                 stdout=writer, stderr=writer)
    finally:
        os.close(writer)
    codes = []

    def copy_and_wait():
        with pipe:
            while chunk := pipe.read(32 * 1024):
                log.write(chunk)
        code = shell.wait()
        with course.news:
            codes.append(code)
            course.news.notify_all()

    # After a cancel it goes on by itself: those who still write find their pipe open.
    threading.Thread(target=copy_and_wait, daemon=True).start()
    with course.news:
        course.news.wait_for(lambda: codes or course.cancelled)
        if codes:
            return max(codes[0], -1)
    shell.send_signal(signal.SIGKILL)
    log.closed = True
    return CANCELLED
