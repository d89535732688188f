import json

APP = "shop-c0ffee.ci.example.net"
GITEA, DRONE = "http://127.0.0.1:3001", "http://127.0.0.1:3002"
PIPELINE = f"""
kind: pipeline
type: exec
name: recipe
clone: {{disable: true}}
steps:
  - name: recipe
    commands:
      - cc-ci run --domain {APP} -- sh -c 'mkdir /srv/apps/$CCCI_DOMAIN; echo $RECIPE $REF; cat /srv/go'
"""


def ask(method, url, /, **body):
    text = "'" + json.dumps(body).replace("'", "'\\''") + "'" if body else ""
    said = machine.succeed(f"ask {method} {url} {text}", timeout=30)
    return json.loads(said or "null")


def say(user, text):
    ask("POST", f"{GITEA}/_test/comments", repository="recipes/shop", number=7, user=user, body=text)


def replies():
    return [one for one in ask("GET", f"{GITEA}/_test/comments") if one["user"]["login"] == "bot"]


def wait_for_reply(text):
    machine.wait_until_succeeds(f"ask GET {GITEA}/_test/comments | grep -q '{text}'", timeout=60)


def nothing_is_left():
    machine.wait_until_fails(f"test -e /srv/apps/{APP}", timeout=30)
    machine.wait_until_fails(f"test -e /run/lock/cc-ci-app-{APP}.lock", timeout=30)


machine.wait_for_unit("multi-user.target")
machine.wait_until_succeeds(f"ask GET {GITEA}/_test/requests && ask GET {DRONE}/_test/requests", timeout=30)
machine.succeed("mkfifo --mode=666 /srv/go")

ask("POST", f"{GITEA}/_test/users", login="bot", token="of-bot")
ask("POST", f"{GITEA}/_test/users", login="alice")
ask("POST", f"{GITEA}/_test/users", login="mallory")
ask("POST", f"{GITEA}/_test/organizations", name="coop", members=["bot", "alice"])
ask("POST", f"{GITEA}/_test/repositories", full_name="recipes/shop", collaborators={"bot": "write"})
ask("POST", f"{GITEA}/_test/pulls", repository="recipes/shop", number=7, user="mallory", sha="a" * 40)
ask("POST", f"{GITEA}/_test/hooks", repository="recipes/shop", url="http://127.0.0.1:8790/gitea",
    secret="of both")
ask("POST", f"{DRONE}/_test/users", login="bot", token="of-bot", repositories={"ops/recipe-ci": "write"})
ask("POST", f"{DRONE}/_test/users", login="reader", token="of-reader", repositories={"ops/recipe-ci": "read"})
ask("POST", f"{DRONE}/_test/repositories", slug="ops/recipe-ci", config=PIPELINE)

with subtest("both services are up, and are nobody"):
    machine.wait_for_unit("cc-ci-bridge.service")
    # This one comes when somebody does.
    machine.fail("systemctl is-active cc-ci-dashboard")
    machine.succeed("ask GET http://127.0.0.1:8791/healthz")
    for service in ("cc-ci-bridge", "cc-ci-dashboard"):
        pid = machine.succeed(f"systemctl show --property=MainPID --value {service}").strip()
        assert machine.succeed(f"stat --format=%u /proc/{pid}").strip() != "0"

with subtest("a comment starts a run, and says how it goes"):
    say("alice", "!testme")
    machine.wait_until_succeeds(f"test -d /srv/apps/{APP}", timeout=60)
    wait_for_reply("Running")
    machine.succeed("echo >/srv/go", timeout=10)
    wait_for_reply("Passed")
    assert len(replies()) == 1, replies()
    assert "https://ci.example.net/runs/1" in replies()[0]["body"], replies()
    statuses = ask("GET", f"{GITEA}/_test/statuses")
    assert statuses[0]["status"] == "pending" and statuses[-1]["status"] == "success", statuses
    nothing_is_left()

with subtest("a stranger starts none, nor does who only speaks of it"):
    say("mallory", "!testme")
    say("alice", "what does !testme do?")
    # The next build would not be the second, then.

with subtest("a build that is cancelled in Drone is told as that"):
    say("alice", "!testme")
    machine.wait_until_succeeds(f"test -d /srv/apps/{APP}", timeout=60)
    machine.succeed(f"AUTHORIZATION='Bearer of-bot' ask DELETE {DRONE}/api/repos/ops/recipe-ci/builds/2")
    wait_for_reply("Cancelled")
    assert ask("GET", f"{GITEA}/_test/statuses")[-1]["status"] == "error"
    nothing_is_left()

with subtest("a bridge that is killed catches up"):
    say("alice", "!testme")
    machine.wait_until_succeeds(f"test -d /srv/apps/{APP}", timeout=60)
    machine.succeed("systemctl kill --kill-whom=main --signal=KILL cc-ci-bridge")
    machine.succeed("echo >/srv/go", timeout=10)
    machine.wait_until_succeeds(
        f"test $(ask GET {GITEA}/_test/statuses | grep -o '\"status\": \"success\"' | wc -l) -eq 2", timeout=60
    )
    assert len(replies()) == 1, replies()
    assert len(ask("GET", f"{DRONE}/_test/builds")) == 3
    nothing_is_left()

with subtest("the page shows the runs"):
    page = machine.succeed("ask GET http://127.0.0.1:8791/")
    assert APP in page and "cancelled" in page, page
    # What the job has said.
    machine.succeed(f"ask GET http://127.0.0.1:8791/runs/1 | grep -q 'shop {'a' * 40}'")

with subtest("no secret is told"):
    machine.fail("journalctl | grep -e of-bot -e 'of both' -e of-reader | grep -v 'ask '")
    machine.fail("systemctl show cc-ci-bridge | grep -e of-bot -e 'of both'")
