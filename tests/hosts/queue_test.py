#!/usr/bin/env python3
"""Runs of several hosts at one domain, with nothing in their way but each other."""

import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True
from cluster import HOLD  # noqa: E402
from cluster_case import ClusterCase  # noqa: E402
from lab import enter_own_network  # noqa: E402
from scene import wait_until  # noqa: E402

CROWD = 50


class QueueTest(ClusterCase):
    names = ("alpha", "beta", "gamma")

    def test_of_two_hosts_one_waits_for_the_other(self):
        first, second = [self.cluster.step(host, self.domain, HOLD)
                         for host in (self.alpha, self.beta)]
        wait_until(lambda: len(self.cluster.claims(self.domain)) == 2, "both in the queue")
        holder, waiter = self.cluster.claims(self.domain)
        runs = {one.run: one for one in (first, second)}
        runs[waiter.run].wait_for(f"waiting for {self.domain}: run {holder.run} on {holder.host} holds it")
        self.passes(runs[holder.run], runs[waiter.run])
        self.assertEqual(self.cluster.begins(self.domain), [holder.run, waiter.run])

    def test_who_does_not_want_to_wait_is_told_who_has_it(self):
        holder = self.cluster.holder(self.alpha, self.domain)
        other = self.cluster.step(self.beta, self.domain, "exit 0", "--no-wait")
        self.assertEqual(other.wait(), 75, other.output())
        self.assertIn(f"run {holder.run} on alpha", other.output())
        self.assertEqual([claim.run for claim in self.cluster.claims(self.domain)], [holder.run])
        self.passes(holder)
        self.assertEqual(self.cluster.begins(self.domain), [holder.run])

    def test_who_has_waited_long_enough_leaves_the_queue(self):
        holder = self.cluster.holder(self.alpha, self.domain)
        other = self.cluster.step(self.beta, self.domain, "exit 0", "--wait-timeout", "2s")
        self.assertEqual(other.wait(), 75, other.output())
        self.assertIn(f"run {holder.run} on alpha", other.output())
        wait_until(lambda: len(self.cluster.claims(self.domain)) == 1, "a queue of one")
        self.assertEqual([claim.run for claim in self.cluster.history_of(self.domain)],
                         [holder.run, other.run])
        self.passes(holder)

    def test_a_newer_run_supersedes_those_of_other_hosts(self):
        holder = self.cluster.holder(self.alpha, self.domain)
        waiter = self.cluster.waiter(self.gamma, self.domain)
        newer = self.cluster.step(self.beta, self.domain, "exit 0", "--supersede")
        self.assertEqual(newer.wait(), 0, newer.output())
        for one in (holder, waiter):
            self.assertEqual(one.wait(), 143, one.output())
            self.assertEqual(self.cluster.verdict(one), ("superseded", 143))
            self.assertIn(f"superseded by run {newer.run} on beta", one.output())
        self.assertEqual(self.cluster.begins(self.domain), [holder.run, newer.run])

    def test_a_crowd_on_three_hosts_gets_its_turns_in_order(self):
        holder = self.cluster.holder(self.alpha, self.domain)
        crowd = [self.cluster.step(self.cluster.hosts[number % 3], self.domain, "mark end")
                 for number in range(CROWD)]
        for one in crowd:
            one.wait_for(f"waiting for {self.domain}: ")
        self.cluster.let_end(holder)
        for one in (holder, *crowd):
            self.assertEqual(one.wait(120), 0, one.output())
        # That their order is that of their tokens is part of every check.
        self.assertEqual(sorted(self.cluster.begins(self.domain)),
                         sorted(one.run for one in (holder, *crowd)))

    def test_of_the_janitors_of_all_hosts_one_reaps(self):
        self.cluster.orphan(self.domain, gate=True)
        first = self.cluster.janitor(self.alpha)
        token, = self.cluster.wait_for_gate(self.domain)
        for janitor in [self.cluster.janitor(host) for host in (self.beta, self.gamma)]:
            janitor.wait()
            self.assertIsNotNone(self.cluster.owner(self.domain))
        self.cluster.open_gate(self.domain)
        self.assertEqual(first.wait(), 0, first.output())
        self.assertIsNone(self.cluster.owner(self.domain))
        self.assertEqual({(mark.host, mark.token) for mark in self.cluster.marks(self.domain)},
                         {("alpha", token)})

    def test_janitors_that_come_at_once_reap_once(self):
        self.cluster.orphan(self.domain)
        janitors = [self.cluster.janitor(host) for host in self.cluster.hosts]
        codes = [janitor.wait() for janitor in janitors]
        self.assertIn(0, codes, [janitor.output() for janitor in janitors])
        self.assertIsNone(self.cluster.owner(self.domain))
        self.assertEqual(len({mark.token for mark in self.cluster.marks(self.domain)}), 1)

    def test_a_janitor_lets_the_run_of_another_host_be(self):
        holder = self.cluster.holder(self.alpha, self.domain)
        janitor = self.cluster.janitor(self.beta)
        self.assertEqual(janitor.wait(), 0, janitor.output())
        self.assertEqual(self.cluster.owner(self.domain), holder.run)
        self.passes(holder)
        self.assertEqual({mark.run for mark in self.cluster.marks(self.domain)}, {holder.run})

    def test_a_step_that_is_killed_leaves_the_queue(self):
        holder = self.cluster.holder(self.alpha, self.domain)
        killed = self.cluster.waiter(self.beta, self.domain)
        last = self.cluster.waiter(self.gamma, self.domain, job="mark end")
        killed.signal(signal.SIGKILL)
        wait_until(lambda: [claim.run for claim in self.cluster.claims(self.domain)] == [holder.run, last.run],
                   "a queue without the killed one")
        self.passes(holder, last)
        self.assertEqual(self.cluster.begins(self.domain), [holder.run, last.run])

    def test_a_harness_that_is_killed_leaves_its_domain_clean_to_the_next_host(self):
        killed = self.cluster.holder(self.alpha, self.domain)
        following = self.cluster.waiter(self.beta, self.domain, job="mark end")
        self.alpha.succeed("kill", "-KILL", str(self.cluster.record(killed)["harness"]["pid"]))
        self.assertEqual(killed.wait(), 137, killed.output())
        self.assertEqual(following.wait(), 0, following.output())
        self.assertNotIn("did not finish", following.output())
        claims = {claim.run: claim for claim in self.cluster.history_of(self.domain)}
        self.assertEqual({mark.token for mark in self.cluster.marks(self.domain) if mark.what == "teardown"
                          and mark.host == "alpha"}, {claims[killed.run].revision})

    def test_what_takes_longer_than_a_lease_keeps_it(self):
        """A job, a teardown, that of a unit whose harness was killed, and a place in the queue."""
        holder = self.cluster.holder(self.alpha, self.domain)
        torn_down = self.cluster.holder(self.alpha, self.second("torn-down"), gate=True)
        killed = self.cluster.holder(self.alpha, self.second("killed"), gate=True)
        waiters = [self.cluster.waiter(self.beta, one.domain, job="mark end")
                   for one in (holder, torn_down, killed)]
        self.cluster.let_end(torn_down)
        self.alpha.succeed("kill", "-KILL", str(self.cluster.record(killed)["harness"]["pid"]))
        for one in (torn_down, killed):
            self.cluster.wait_for_gate(one.domain)
        before = [self.cluster.claims(one.domain) for one in (holder, torn_down, killed)]
        time.sleep(self.cluster.ttl + 1)  # what is not kept alive is gone by then
        self.assertEqual([self.cluster.claims(one.domain) for one in (holder, torn_down, killed)], before)
        for one in (torn_down, killed):
            self.assertEqual(len(self.cluster.at_the_gate(one.domain)), 1)
            self.cluster.open_gate(one.domain)
        self.passes(holder, torn_down)
        self.assertEqual(killed.wait(), 137, killed.output())
        self.passes(*waiters)

    def test_a_compaction_is_nothing_to_who_waits(self):
        holder = self.cluster.holder(self.alpha, self.domain)
        waiter = self.cluster.waiter(self.beta, self.domain, job="mark end")
        keepers = self.beta.succeed("pgrep", "--exact", "cc-ci-keeper").split()
        self.beta.succeed("kill", "-STOP", *keepers)
        self.etcd.restart()
        for number in range(10):
            self.etcd.put("/other", str(number))
        self.cluster.recorder.history()  # it is not to lose what comes before
        self.etcd.compact()
        self.beta.succeed("kill", "-CONT", *keepers)
        self.passes(holder, waiter)
        self.assertNotIn("did not finish", waiter.output())

    def test_etcd_may_start_anew_under_a_run(self):
        holder = self.cluster.holder(self.alpha, self.domain)
        waiter = self.cluster.waiter(self.beta, self.domain, job="mark end")
        before = self.cluster.claims(self.domain)
        self.etcd.restart()
        self.cluster.wait_for_keep_alive(self.domain)
        self.assertEqual(self.cluster.claims(self.domain), before)
        self.passes(holder, waiter)

    def test_locks_tells_of_all_hosts(self):
        holder = self.cluster.holder(self.alpha, self.domain)
        waiters = [self.cluster.waiter(host, self.domain, job="mark end") for host in (self.beta, self.gamma)]
        code, table = self.cluster.call(self.gamma, "locks")
        self.assertEqual(code, 0, table)
        rows = [line.split()[1:4] for line in table.splitlines() if line.startswith(self.domain)]
        wanted = [["holder", "alpha", holder.run], ["1", "beta", waiters[0].run], ["2", "gamma", waiters[1].run]]
        self.assertEqual([row for row in rows if row[0] in ("holder", "1", "2")], wanted, table)
        self.passes(holder, *waiters)



if __name__ == "__main__":
    enter_own_network()
    unittest.main()
