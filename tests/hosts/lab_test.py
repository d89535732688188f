#!/usr/bin/env python3
"""Whether hosts and etcd are what the tests of several hosts take them for."""

import signal
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
from lab import Lab, enter_own_network
from history import Recorder

GET = ["etcdctl", "get", "--print-value-only"]


class LabTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        root = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="ccci-lab-"))
        cls.lab = cls.enterClassContext(Lab(root, ("alpha", "beta", "gamma"), members=3,
                                            etcd_options=["--quota-backend-bytes=3000000"]))
        cls.alpha, cls.beta, cls.gamma = cls.lab.hosts
        cls.etcd = cls.lab.etcd

    def get(self, host, key, seconds=20):
        return host.call("timeout", seconds, *GET, f"--endpoints={','.join(self.etcd.endpoints())}", key)

    def test_each_host_has_its_name_its_address_and_its_systemd(self):
        for host in self.lab.hosts:
            self.assertEqual(host.succeed("hostname").strip(), host.name)
            self.assertIn(f"{host.address}/24", host.succeed("ip", "-brief", "address", "show", "host0"))
            self.assertEqual(host.succeed("systemctl", "is-system-running").strip(), "running")

    def test_what_runs_on_a_host_can_be_followed_and_ended(self):
        one = self.alpha.start("sh", "-c", "trap 'echo told; exit 3' TERM; echo up; while :; do sleep 0.1; done")
        one.wait_for("up")
        one.signal(signal.SIGTERM)
        self.assertEqual((one.wait(), one.output()), (3, "up\ntold\n"))
        self.assertEqual(self.alpha.call("sh", "-c", "kill -KILL $$")[0], -9)
        self.assertEqual(self.alpha.call("no-such-program")[0], 127)

    def test_a_host_that_is_cut_off_reaches_nothing_until_it_is_healed(self):
        self.etcd.put("cut", "x")
        self.assertEqual(self.get(self.beta, "cut"), (0, "x\n"))
        self.beta.cut()
        self.assertEqual(self.get(self.beta, "cut", 1)[0], 124)
        self.assertEqual(self.get(self.alpha, "cut"), (0, "x\n"))
        self.beta.heal()
        self.assertEqual(self.get(self.beta, "cut"), (0, "x\n"))

    def test_a_host_dies_at_once_and_another_comes_in_its_place(self):
        sleeper = self.gamma.start("sleep", "1000")
        self.gamma.kill()
        self.assertIsNone(sleeper.wait())
        self.lab.boot_again(self.gamma)
        type(self).gamma = self.lab.hosts[2]
        self.assertEqual(self.gamma.succeed("hostname"), "gamma\n")

    def test_the_history_is_complete_over_restarts_a_move_of_the_leader_and_a_pause(self):
        recorder = Recorder(self.etcd, since=self.etcd.revision() + 1)
        wanted = []

        def put():
            wanted.append(self.etcd.put("history", str(len(wanted))))

        put()
        self.etcd.restart()
        put()
        leader = self.etcd.leader()
        self.assertIsNot(self.etcd.move_leader(), leader)
        put()
        self.etcd.members[0].stop(signal.SIGKILL)
        put()
        self.etcd.members[0].start()
        self.etcd.wait()
        self.etcd.leader().pause()
        self.etcd.wait_for_leader()
        put()
        for member in self.etcd.members:
            member.resume()
        self.etcd.wait()
        put()
        history = [change for change in recorder.history() if change.key == "history"]
        recorder.stop()
        self.assertEqual([change.value for change in history], [str(n) for n in range(len(wanted))])
        self.assertEqual([change.revision for change in history], wanted)

    def test_the_quota_can_be_used_up_and_room_be_made_again(self):
        self.etcd.fill()
        with self.assertRaisesRegex(OSError, "space exceeded"):
            self.etcd.put("more")
        self.etcd.make_room()
        self.etcd.put("more")

    def test_a_full_history_survives_no_compaction_that_comes_first(self):
        self.etcd.put("compacted")
        self.etcd.compact()
        recorder = Recorder(self.etcd)
        with self.assertRaisesRegex(AssertionError, "is lost"):
            recorder.history()


if __name__ == "__main__":
    enter_own_network()
    unittest.main()
