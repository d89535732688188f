"""What the API of gitea_stand_in, and its webhooks, make of what it knows."""


class Shapes:
    """Of a class that has url, users and repositories."""

    def user(self, login):
        return {"id": self.users[login]["id"], "login": login, "username": login, "full_name": "",
                "email": f"{login}@noreply.example.net", "is_admin": self.users[login]["admin"]}

    def public(self, repository):
        owner, name = repository["full_name"].split("/")
        return {"id": repository["id"], "name": name, "full_name": repository["full_name"],
                "owner": {"login": owner, "username": owner}, "private": repository["private"],
                "clone_url": repository["clone_url"], "html_url": f"{self.url}/{repository['full_name']}",
                "default_branch": "main"}

    def pull(self, issue):
        repository = self.repositories[issue["repository"]]
        head = self.repositories[issue["head_repository"]]
        return {"id": issue["id"], "number": issue["number"], "state": issue["state"],
                "title": issue["title"], "body": "", "user": self.user(issue["user"]), "merged": False,
                "html_url": f"{self.url}/{issue['repository']}/pulls/{issue['number']}",
                "base": {"label": "main", "ref": "main", "sha": "0" * 40, "repo_id": repository["id"],
                         "repo": self.public(repository)},
                "head": {"label": "change", "ref": "change", "sha": issue["sha"], "repo_id": head["id"],
                         "repo": self.public(head)}}

    def issue(self, issue):
        kind = "pulls" if issue["is_pull"] else "issues"
        return {"id": issue["id"], "number": issue["number"], "state": issue["state"],
                "title": issue["title"], "body": "", "user": self.user(issue["user"]),
                "html_url": f"{self.url}/{issue['repository']}/{kind}/{issue['number']}",
                "pull_request": {"merged": False, "merged_at": None} if issue["is_pull"] else None}

    def comment(self, comment):
        issue = comment["issue"]
        page = self.issue(issue)["html_url"]
        return {"id": comment["id"], "html_url": f"{page}#issuecomment-{comment['id']}",
                "pull_request_url": page if issue["is_pull"] else "",
                "issue_url": "" if issue["is_pull"] else page,
                "user": self.user(comment["user"]), "original_author": "", "original_author_id": 0,
                "body": comment["body"], "assets": [],
                "created_at": comment["created_at"], "updated_at": comment["updated_at"]}
