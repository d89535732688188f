#!/usr/bin/env python3
"""Whether the hosts of a lab can be one Swarm, with a network over both."""

import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
from lab import Lab, enter_own_network

# From the network of a container: the busybox of its image, being static, resolves no names.
FETCH = """
container=$(docker ps --quiet)
exec nsenter --net --target "$(docker inspect --format '{{.State.Pid}}' "$container")" \
  python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=20).read())' "$@"
"""
ADDRESS = "{{.NetworkSettings.Networks.over.IPAddress}}"


class LabSwarmTest(unittest.TestCase):
    def test_services_on_two_hosts_reach_each_other(self):
        root = self.enterContext(tempfile.TemporaryDirectory(prefix="ccci-lab-"))
        lab = self.enterContext(Lab(root, options=["--docker"]))
        alpha, beta = lab.hosts
        lab.join_swarm()
        alpha.succeed("docker", "network", "create", "--driver=overlay", "over")
        creations = [alpha.start("docker", "service", "create", "--quiet", "--name", host.name,
                                 "--endpoint-mode=dnsrr", "--network=over", "--restart-condition=none",
                                 f"--constraint=node.hostname=={host.name}", "ccci-test/web:1")
                     for host in lab.hosts]
        for creation in creations:
            self.assertEqual(creation.wait(), 0, creation.output())
        addresses = [host.succeed("sh", "-c", "docker inspect --format "
                                  f"'{ADDRESS}' $(docker ps --quiet)").strip() for host in lab.hosts]
        for host, address in zip(lab.hosts, reversed(addresses)):
            self.assertIn("cc-ci test page", host.succeed("sh", "-c", FETCH, "sh", f"http://{address}/"))


if __name__ == "__main__":
    enter_own_network(swarm=True)
    unittest.main()
