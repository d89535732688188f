#!/usr/bin/env python3
"""Runs of several hosts at one domain, and what befalls hosts, network and etcd meanwhile."""

import signal
import sys
import unittest

sys.dont_write_bytecode = True
from cluster import PATIENT, now  # noqa: E402
from cluster_case import ClusterCase  # noqa: E402
from lab import enter_own_network  # noqa: E402
from scene import wait_until  # noqa: E402

CLEAN_SLATE = "did not finish: making a clean slate first"
REFUSED = 125


class CutTest(ClusterCase):
    members = 3
    etcd_options = ("--quota-backend-bytes=3000000",)

    def assert_fenced(self, one, teardown="teardown clean"):
        self.assertEqual(one.wait(), REFUSED, one.output())
        self.assertEqual(self.cluster.verdict(one), ("fenced", REFUSED))
        self.assertIn(teardown, one.output().splitlines()[-1])

    def begin_of(self, one):
        return next(mark for mark in self.cluster.marks(one.domain)
                    if mark.run == one.run and mark.what == "begin")

    def test_the_next_one_follows_when_the_lease_of_a_dead_host_has_run_out(self):
        killed = self.cluster.holder(self.alpha, self.domain)
        waiter = self.cluster.waiter(self.beta, self.domain)
        end = now()
        self.alpha.kill()
        self.assertIsNone(killed.wait())
        self.assertEqual(self.cluster.owner(self.domain), killed.run)
        self.cluster.wait_for_mark(waiter, "tick")
        # The lease was good for more than the margin, or the run would have been fenced.
        self.assertGreater(self.begin_of(waiter).uptime, end + self.cluster.margin)
        self.assertIn(CLEAN_SLATE, waiter.output())
        self.cluster.boot_again(self.alpha)
        alpha = self.cluster.hosts[0]
        again = self.cluster.waiter(alpha, self.domain, job="mark end")
        self.passes(waiter, again)
        self.assertNotIn(CLEAN_SLATE, again.output())

    def test_who_is_cut_off_stops_before_the_next_one_begins(self):
        """One whose apps it still reaches, one whose teardown hangs, and one that only waits."""
        fenced = self.cluster.holder(self.alpha, self.domain)
        hanging = self.cluster.holder(self.alpha, self.second("hanging"), gate=True)
        holder = self.cluster.holder(self.beta, self.second("held"))
        followers = [self.cluster.waiter(self.beta, one.domain) for one in (fenced, hanging)]
        waiter = self.cluster.waiter(self.alpha, holder.domain, job="mark end")
        self.alpha.cut()
        self.assert_fenced(fenced)
        self.assert_fenced(hanging, "TEARDOWN INCOMPLETE")
        self.assertEqual(self.cluster.owner(hanging.domain), hanging.run)
        self.cluster.wait_for_gate(hanging.domain, 2)  # that of the next one's clean slate
        self.cluster.open_gate(hanging.domain)
        for one in followers:
            self.cluster.wait_for_mark(one, "tick")
            self.assertIn(CLEAN_SLATE, one.output())
        before = [mark for mark in self.cluster.marks() if mark.host == "alpha"]
        self.alpha.heal()
        wait_until(lambda: any(claim.host == "alpha" for claim in self.cluster.claims(holder.domain)),
                   "the waiter of the host that was cut off")
        janitor = self.cluster.janitor(self.alpha)
        self.assertEqual(janitor.wait(), 0, janitor.output())
        self.passes(*followers, holder, waiter)
        after = [mark for mark in self.cluster.marks() if mark.host == "alpha" and mark.run != waiter.run]
        self.assertEqual(after, before)

    def test_a_cut_that_is_shorter_than_the_margin_is_nothing(self):
        holder = self.cluster.holder(self.alpha, self.domain)
        waiter = self.cluster.waiter(self.beta, self.domain, job="mark end")
        self.alpha.cut()
        self.alpha.heal()
        self.cluster.wait_for_keep_alive(self.domain)
        self.passes(holder, waiter)

    def test_a_run_stops_when_all_of_etcd_is_paused_and_the_next_one_follows(self):
        holder = self.cluster.holder(self.alpha, self.domain)
        waiter = self.cluster.waiter(self.beta, self.domain, job="mark end")
        for member in self.etcd.members:
            member.pause()
        self.assert_fenced(holder)
        self.assertEqual(holder.output().count("\ncc-ci: etcd at "), 1, holder.output())
        for member in self.etcd.members:
            member.resume()
        self.assertEqual(waiter.wait(), 0, waiter.output())
        self.assertEqual(self.cluster.begins(self.domain), [holder.run, waiter.run])

    def test_a_run_outlives_a_move_of_the_leader_and_its_death(self):
        holder = self.cluster.holder(self.alpha, self.domain, config=PATIENT)
        waiter = self.cluster.waiter(self.beta, self.domain, job="mark end")
        before = self.cluster.claims(self.domain)
        self.etcd.move_leader()
        self.cluster.wait_for_keep_alive(self.domain)
        dead = self.etcd.wait_for_leader()
        dead.stop(signal.SIGKILL)
        self.cluster.wait_for_keep_alive(self.domain)
        self.assertEqual(self.cluster.claims(self.domain), before)
        self.passes(holder, waiter)
        dead.start()
        self.etcd.wait()

    def test_a_member_that_hangs_is_passed_over(self):
        holder = self.cluster.holder(self.alpha, self.domain, config=PATIENT)
        for member in self.etcd.members:
            member.pause()
            self.wait_for_other_leader(member)
            self.cluster.wait_for_keep_alive(self.domain)
            member.resume()
            self.etcd.wait()
        self.passes(holder)

    def wait_for_other_leader(self, paused):
        wait_until(lambda: self.etcd.leader() not in (None, paused), "another leader")

    def refused_in_one_line(self, one):
        self.assertEqual(one.wait(), REFUSED, one.output())
        lines = [line for line in one.output().splitlines() if not line.startswith("cc-ci: run ")]
        self.assertEqual(len(lines), 1, one.output())
        self.assertIn("etcd", lines[0])

    def test_without_etcd_no_run_begins(self):
        self.etcd.stop()
        try:
            self.refused_in_one_line(self.cluster.step(self.alpha, self.domain, "exit 0"))
        finally:
            self.etcd.start()
            self.etcd.wait()
        self.assertEqual(self.cluster.begins(self.domain), [])
        self.passes(self.cluster.step(self.alpha, self.domain, "exit 0"))

    def test_a_full_etcd_takes_no_new_run_and_lets_the_old_one_end(self):
        holder = self.cluster.holder(self.alpha, self.domain)
        kept = self.cluster.holder(self.alpha, self.second("kept"))
        waiter = self.cluster.waiter(self.beta, self.domain, job="mark end")
        self.etcd.fill()
        try:
            self.refused_in_one_line(self.cluster.step(self.beta, self.second(), "exit 0"))
            self.cluster.wait_for_keep_alive(self.domain)
            self.passes(holder)
        finally:
            self.etcd.make_room()
        self.assertEqual(waiter.wait(), 0, waiter.output())
        self.assertNotIn(CLEAN_SLATE, waiter.output())
        self.passes(kept)


if __name__ == "__main__":
    enter_own_network()
    unittest.main()
