#!/usr/bin/env python3
"""Recipes on one Swarm of several hosts, which lock their domains together: `cc-ci recipe` with etcd."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from cluster import Cluster  # noqa: E402
from lab import enter_own_network  # noqa: E402
from scene import wait_until  # noqa: E402

DOMAIN = "page.ci.test"
STACK = "page_ci_test"
# A part on each of two hosts, with a volume; no virtual addresses, which not every kernel has.
COMPOSE = """
version: "3.8"
services:
  app: &part
    image: ccci-test/web:1
    networks: [internal]
    volumes: ["data:/data"]
    deploy:
      endpoint_mode: dnsrr
      placement: {constraints: ["node.hostname == alpha"]}
  far:
    <<: *part
    ports: [{target: 80, published: 8080, mode: host}]
    deploy:
      endpoint_mode: dnsrr
      placement: {constraints: ["node.hostname == beta"]}
networks: {internal: {driver: overlay}}
volumes: {data: }
"""
KINDS = ("service", "network", "config", "secret", "volume")


class SwarmCluster(Cluster):
    def __init__(self, build, root, names):
        super().__init__(build, root, names, options=["--docker"])
        self.join_swarm("manager")
        self.recipe = self.shared / "page"
        self.write_recipe()

    def settings(self, host):
        return {"platform": "swarm", "resolve_image": "never", "run_app_pattern": "[a-z0-9-]+\\.ci\\.test",
                "abra_dir": str(host.folder / "abra"), "teardown_budget": "90s",
                "health_url": f"http://{self.hosts[1].address}:8080/"}

    def write_recipe(self):
        tests = self.recipe / "tests" / "install"
        tests.mkdir(parents=True)
        (self.recipe / "compose.yml").write_text(COMPOSE)
        (self.recipe / ".env.sample").write_text("TYPE=page\nDOMAIN=page.example.com\n")
        hold = tests / "hold"
        hold.write_text(f"#!/bin/sh\nuntil [ -e {self.shared}/ends/$CCCI_RUN ]; do sleep 0.1; done\n")
        hold.chmod(0o755)
        for words in (["init", "--quiet", "--initial-branch=main"], ["add", "."],
                      ["-c", "user.name=m", "-c", "user.email=m@x", "commit", "--quiet", "--message=page"]):
            subprocess.run(["git", "-C", self.recipe, *words], check=True)

    def deploy(self, host, run):
        one = host.start(self.build / "bin" / "cc-ci", "recipe", "--config", host.folder / "config.json",
                         "--run-id", run, "--recipe", "page", "--ref", "main", "--src", self.recipe,
                         "--stages", "install", "--domain", DOMAIN, log=f"{run}.log")
        one.run, one.domain = run, DOMAIN
        return one

    def objects(self, host, *filters):
        """Of the app, as this host sees them: how many of each kind."""
        found = {}
        for kind in KINDS:
            listed = host.succeed("docker", kind, "ls", "--quiet", f"--filter=name={STACK}_",
                                  *[f"--filter=label={label}" for label in filters])
            if listed.split():
                found[kind] = len(listed.split())
        return found


class SwarmTest(unittest.TestCase):
    def setUp(self):
        root = self.enterContext(tempfile.TemporaryDirectory(prefix="ccci-hosts-"))
        self.cluster = self.enterContext(
            SwarmCluster(os.environ["CCCI_BUILD"], Path(root) / "lab", ["alpha", "beta", "gamma"]))
        self.alpha, self.beta, _ = self.cluster.hosts

    def test_the_next_host_deploys_when_nothing_is_left(self):
        first = self.cluster.deploy(self.alpha, "one")
        first.wait_for("healthy (200)", 120)
        self.assertEqual(
            self.cluster.objects(self.beta, "io.cc-ci.run=one", "io.cc-ci.host=alpha"),
            {"service": 2, "network": 1, "config": 1, "volume": 1})

        second = self.cluster.deploy(self.beta, "two")
        second.wait_for(f"waiting for {DOMAIN}: run one on alpha holds it")
        self.cluster.finish(first, seconds=120)
        second.wait_for("healthy (200)", 120)
        self.assertEqual(self.cluster.objects(self.alpha, "io.cc-ci.run=two", "io.cc-ci.host=beta"),
                         {"service": 2, "network": 1, "config": 1, "volume": 1})
        self.assertEqual(self.cluster.objects(self.alpha, "io.cc-ci.run=one"), {})
        self.cluster.finish(second, seconds=120)
        # What tasks left on another node is for the janitor of that node.
        self.assertEqual(self.cluster.objects(self.beta), {})
        self.assertEqual(self.cluster.call(self.alpha, "janitor", seconds=120)[0], 0)
        self.assertEqual(self.cluster.objects(self.alpha), {})
        self.cluster.check()

    def test_what_a_dead_host_had_deployed_is_removed_by_another(self):
        dead = self.cluster.deploy(self.alpha, "one")
        dead.wait_for("healthy (200)", 120)

        self.alpha.kill()
        wait_until(lambda: not self.cluster.claims(DOMAIN), "the end of its claim", 3 * self.cluster.ttl)
        code, said = self.cluster.call(self.beta, "janitor", seconds=120)

        # Its own node takes part in none of this, and is not waited for.
        self.assertEqual(code, 0, said)
        self.assertIn("nothing left; 1 task is of nodes that are down", said)
        self.assertEqual(self.cluster.objects(self.beta), {})
        self.cluster.check()


if __name__ == "__main__":
    enter_own_network(swarm=True)
    unittest.main()
