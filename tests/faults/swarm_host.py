"""What the drivers of faults on a Swarm share."""

import subprocess


def call(*argv, **more):
    return subprocess.run([str(one) for one in argv], capture_output=True, text=True, timeout=180,
                          check=False, **more)


def left():
    """Whatever is on the engine, by its own command's word."""
    found = []
    for kind in ("service", "secret", "config", "volume"):
        found += [f"{kind} {name}" for name in call("docker", kind, "ls", "-q").stdout.split()]
    found += [f"container {name}" for name in call("docker", "ps", "-aq").stdout.split()]
    names = call("docker", "network", "ls", "--filter", "scope=swarm", "--format", "{{.Name}}")
    return found + [f"network {name}" for name in names.stdout.split() if name != "ingress"]
