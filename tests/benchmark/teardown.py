"""Teardown of an app with five services on a Swarm."""

import json
import time
from pathlib import Path

from processes import call, seconds, wait_until

SERVICES = 5
DOMAIN = "five-0a1b2c.ci.localhost"
STACK = DOMAIN.replace(".", "_")
FOLDER = Path("/run/bench-teardown")


def compose():
    services = {}
    for number in range(SERVICES):
        services[f"part{number}"] = {
            "image": "ccci-test/web:1", "networks": ["inner"], "volumes": [f"data{number}:/data"]}
    return {"version": "3.8", "services": services, "networks": {"inner": {}},
            "volumes": {f"data{number}": {} for number in range(SERVICES)}}


def docker(*argv):
    return call(["docker", *argv])


def deploy():
    docker("stack", "deploy", "--resolve-image", "never", "-c", FOLDER / "compose.yml", STACK)

    def is_up():
        return docker("stack", "services", "--format", "{{.Replicas}}", STACK).split() == ["1/1"] * SERVICES
    wait_until(is_up, "the app")


def left():
    """Of each kind: what is there of the app."""
    label = f"label=com.docker.stack.namespace={STACK}"
    return {kind: docker(*listing, "--filter", label).split()
            for kind, listing in {"services": ("service", "ls", "-q"), "containers": ("ps", "-aq"),
                                  "networks": ("network", "ls", "-q"),
                                  "volumes": ("volume", "ls", "-q")}.items()}


def by_hand():
    """The least that is correct: a volume can be removed when its container is gone, and the next
    deploy needs the name of the network."""
    begin = time.perf_counter()
    docker("stack", "rm", STACK)
    label = f"label=com.docker.stack.namespace={STACK}"
    wait_until(lambda: not docker("ps", "-aq", "--filter", label), "the containers")
    docker("volume", "rm", *(f"{STACK}_data{number}" for number in range(SERVICES)))
    wait_until(lambda: not docker("network", "ls", "-q", "--filter", label), "the network")
    return time.perf_counter() - begin


def after(bench, tear_down):
    deploy()
    elapsed = tear_down()
    for kind, names in left().items():
        bench.check(not names, f"{kind} are left: {names}")
    return elapsed


def measure(bench):
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "compose.yml").write_text(json.dumps(compose()))
    config = FOLDER / "config.json"
    config.write_text(json.dumps({"platform": "swarm", "base_domain": "ci.localhost",
                                  "lock_dir": str(FOLDER)}))
    janitor = [bench.cc_ci, "--config", config, "janitor", "--domain", DOMAIN]
    values = bench.interleaved({
        "ours": lambda: after(bench, lambda: seconds(janitor)),
        "by hand": lambda: after(bench, by_hand),
    }, 0.03, warm_up=0)
    bench.table.heading(f"teardown of an app with {SERVICES} services and {SERVICES} volumes")
    bench.table.ours("cc-ci janitor --domain", values["ours"])
    bench.table.peer("stack rm, volume rm, and the waits", values["by hand"], values["ours"], at_most=0.8)
