"""The repositories of gitea_stand_in for those who clone them: git's own program, as Gitea calls it."""

import os
import subprocess

from stand_in import Answer


class Git:
    """Of a class that has repositories, those with "git" being a path of a bare one."""

    def route_git(self):
        for method in ("GET", "POST"):
            self.route(method, "/{owner}/{name}.git/{file+}", self.answer_git)

    def answer_git(self, request, owner, name, file):
        repository = self.repository(request, owner, name)
        variables = {
            "PATH": os.environ["PATH"], "REQUEST_METHOD": request.method, "PATH_INFO": f"/{file}",
            "GIT_PROJECT_ROOT": repository["git"], "GIT_HTTP_EXPORT_ALL": "1",
            "QUERY_STRING": request.target.partition("?")[2],
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(request.content)),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            # Whoever made the repository; and a commit may be asked for by its name.
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
            "GIT_CONFIG_KEY_1": "uploadpack.allowAnySHA1InWant", "GIT_CONFIG_VALUE_1": "true",
        }
        done = subprocess.run(["git", "http-backend"], input=request.content, env=variables, check=True,
                              stdout=subprocess.PIPE)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        return Answer(int(headers.pop("Status", "200").split()[0]), body, headers)
