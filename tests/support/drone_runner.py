"""The runner of drone_stand_in: takes pending builds, and does their pipelines with exec_engine."""

import collections
import tempfile
import threading
import time

import exec_engine


class Runner:
    """At most `capacity` builds at a time, in the order in which they came."""

    def __init__(self, drone):
        self.drone, self.courses = drone, {}

    def reset(self):
        """What is running goes on."""
        self.capacity, self.paused, self.loses_cancels = 2, False, False
        self.environment, self.root, self.pending = {}, tempfile.gettempdir(), collections.deque()

    def begin(self):
        threading.Thread(target=self.take_turns, daemon=True).start()

    def set(self, settings):
        for name, value in settings.items():
            if name not in ("capacity", "paused", "loses_cancels", "environment", "root"):
                raise ValueError(name)
            setattr(self, name, value)

    def take(self, build):
        self.pending.append(build)

    def cancel(self, build):
        course = self.courses.get(build["id"])
        if course and not self.loses_cancels:
            course.cancel()

    def next_build(self):
        while self.pending and self.pending[0]["status"] != "pending":
            self.pending.popleft()
        if self.paused or not self.pending or len(self.courses) >= self.capacity:
            return None
        return self.pending.popleft()

    def take_turns(self):
        drone = self.drone
        while True:
            with drone.changed:
                build = drone.changed.wait_for(self.next_build)
                course = self.courses[build["id"]] = exec_engine.Course()
            threading.Thread(target=self.perform, args=(build, course), daemon=True).start()

    def perform(self, build, course):
        limit = threading.Timer(build["repository"]["timeout"] * 60, course.cancel)
        limit.daemon = True
        limit.start()
        try:
            self.perform_all(build, course)
        except exec_engine.Broken as error:
            self.note(build, status="error", error=str(error), finished=int(time.time()))
        finally:
            limit.cancel()
            with self.drone.changed:
                del self.courses[build["id"]]
                self.drone.changed.notify_all()

    def perform_all(self, build, course):
        self.note(build, status="running", started=int(time.time()))
        pipelines = exec_engine.parse(build["repository"]["config"], build["params"])
        with self.drone.changed:
            build["stages"] = [self.new_stage(build, number, pipeline)
                               for number, pipeline in enumerate(pipelines, 1)]
        for stage, pipeline in zip(build["stages"], pipelines):
            self.perform_stage(build, stage, pipeline, course)
        statuses = [stage["status"] for stage in build["stages"]]
        worst = next((one for one in ("killed", "error", "failure") if one in statuses), "success")
        self.note(build, status=worst, finished=int(time.time()))

    def note(self, what, **facts):
        """What was killed stays so, whatever its runner says later."""
        with self.drone.changed:
            if what["status"] != "killed":
                what.update(facts)
            self.drone.changed.notify_all()

    def new_stage(self, build, number, pipeline):
        stage = {"id": self.drone.new_id(), "build_id": build["id"], "number": number,
                 "name": pipeline.get("name", "default"), "kind": "pipeline", "type": "exec",
                 "status": "pending", "error": "", "errignore": False, "exit_code": 0, "machine": "stand-in",
                 "os": "linux", "arch": "amd64", "started": 0, "stopped": 0, "on_success": True,
                 "on_failure": False, "steps": []}
        for position, step in enumerate(steps_of(build, pipeline), 1):
            log = exec_engine.Log({})
            stage["steps"].append({"id": self.drone.new_id(), "step_id": stage["id"], "number": position,
                                   "name": step["name"], "status": "pending", "exit_code": 0, "started": 0,
                                   "stopped": 0, "log": log})
        return stage

    def perform_stage(self, build, stage, pipeline, course):
        self.note(stage, status="running", started=int(time.time()))
        workspace = exec_engine.Workspace(self.root)
        failed = skips = False
        try:
            for shown, step in zip(stage["steps"], steps_of(build, pipeline)):
                wanted = step.get("when", {}).get("status", ["success"])
                if course.cancelled or skips or ("failure" if failed else "success") not in wanted:
                    self.note(shown, status="skipped")
                    continue
                code = self.perform_step(build, stage, shown, step, workspace, course)
                skips = code == exec_engine.SKIP_THE_REST
                failed = failed or code not in (0, exec_engine.SKIP_THE_REST)
        finally:
            workspace.remove()
        status = "killed" if course.cancelled else "failure" if failed else "success"
        self.note(stage, status=status, stopped=int(time.time()),
                  exit_code=exec_engine.CANCELLED if course.cancelled else int(failed))

    def perform_step(self, build, stage, shown, step, workspace, course):
        environment, secrets = self.variables(build, stage, shown, step, workspace)
        shown["log"].masks.update(secrets)
        self.note(shown, status="running", started=int(time.time()))
        code = exec_engine.run_step(workspace, step["name"], step["commands"], environment, shown["log"], course)
        killed = code == exec_engine.CANCELLED and course.cancelled
        status = "killed" if killed else "success" if code in (0, exec_engine.SKIP_THE_REST) else "failure"
        self.note(shown, status=status, exit_code=code, stopped=int(time.time()))
        return code

    def variables(self, build, stage, shown, step, workspace):
        """(environment, those of them that are secret); what comes later wins."""
        repository = build["repository"]
        owner, name = repository["slug"].split("/")
        host = self.drone.url.split("//")[1]
        drone = {
            "CI": "true", "DRONE": "true",
            "DRONE_SYSTEM_PROTO": "http", "DRONE_SYSTEM_HOST": host, "DRONE_SYSTEM_HOSTNAME": host,
            "DRONE_SYSTEM_VERSION": "2.26.0",
            "DRONE_REPO": repository["slug"], "DRONE_REPO_OWNER": owner, "DRONE_REPO_NAMESPACE": owner,
            "DRONE_REPO_NAME": name, "DRONE_REPO_BRANCH": "main", "DRONE_GIT_HTTP_URL": repository["remote"],
            "DRONE_REMOTE_URL": repository["remote"],
            "DRONE_BUILD_NUMBER": build["number"], "DRONE_BUILD_PARENT": build["parent"],
            "DRONE_BUILD_EVENT": build["event"], "DRONE_BUILD_ACTION": build["action"],
            "DRONE_BUILD_STATUS": "success", "DRONE_BUILD_CREATED": build["created"],
            "DRONE_BUILD_STARTED": build["started"], "DRONE_BUILD_FINISHED": build["finished"],
            "DRONE_BUILD_LINK": f"{self.drone.url}/{repository['slug']}/{build['number']}",
            "DRONE_BRANCH": build["target"], "DRONE_SOURCE_BRANCH": build["source"],
            "DRONE_TARGET_BRANCH": build["target"],
            "DRONE_COMMIT": build["after"], "DRONE_COMMIT_SHA": build["after"],
            "DRONE_COMMIT_BEFORE": build["before"], "DRONE_COMMIT_AFTER": build["after"],
            "DRONE_COMMIT_REF": build["ref"], "DRONE_COMMIT_BRANCH": build["target"],
            "DRONE_COMMIT_MESSAGE": build["message"], "DRONE_COMMIT_AUTHOR": build["author_login"],
            "DRONE_STAGE_KIND": "pipeline", "DRONE_STAGE_TYPE": "exec", "DRONE_STAGE_NAME": stage["name"],
            "DRONE_STAGE_NUMBER": stage["number"], "DRONE_STAGE_MACHINE": stage["machine"],
            "DRONE_STAGE_OS": "linux", "DRONE_STAGE_ARCH": "amd64",
            "GIT_AUTHOR_NAME": build["author_name"], "GIT_AUTHOR_EMAIL": build["author_email"],
            "GIT_COMMITTER_NAME": build["author_name"], "GIT_COMMITTER_EMAIL": build["author_email"],
        }
        own = {name: value for name, value in step.get("environment", {}).items() if not isinstance(value, dict)}
        secrets = {value["from_secret"]: (name, repository["secrets"].get(value["from_secret"], ""))
                   for name, value in step.get("environment", {}).items() if isinstance(value, dict)}
        all_of_them = (exec_engine.inherited() | self.environment | build["params"] | drone
                       | workspace.variables() | own
                       | {"DRONE_STEP_NAME": step["name"], "DRONE_STEP_NUMBER": shown["number"]}
                       | dict(secrets.values()))
        return ({name: text(value) for name, value in all_of_them.items()},
                {name: value for name, (_, value) in secrets.items() if value})


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def steps_of(build, pipeline):
    if pipeline.get("clone", {}).get("disable"):
        return pipeline["steps"]
    commands = exec_engine.clone_commands(build["repository"]["remote"], build["target"], build["after"])
    always = {"status": ["success", "failure"]}
    return [{"name": "clone", "commands": commands, "when": always}, *pipeline["steps"]]
