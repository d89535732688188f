#!/usr/bin/env python3
"""Whether the judgement on histories sees what must not be, and nothing else."""

import json
import sys
import unittest

sys.dont_write_bytecode = True
from history import Change, Mark, parse_marks, violations  # noqa: E402

DOMAIN = "d.ci.test"


def put(revision, lease, run, host, seen=0.0, domain=DOMAIN):
    return Change(revision, f"/cc-ci/{domain}/queue/{lease:016x}",
                  json.dumps({"run": run, "host": host}), lease, seen)


def delete(revision, lease, seen=0.0, domain=DOMAIN):
    return Change(revision, f"/cc-ci/{domain}/queue/{lease:016x}", None, 0, seen)


def mark(host, run, token, what, uptime, domain=DOMAIN):
    return Mark(domain, host, run, what, token, uptime)


def work(host, run, token, since, until):
    return [mark(host, run, token, "begin", since), mark(host, run, token, "tick", (since + until) / 2),
            mark(host, run, token, "end", until)]


# One has it from 2, and waits no longer than its own work; the other comes at 3 and has it from 4.
TWO = [put(2, 10, "1", "alpha", 1.0), put(3, 11, "2", "beta", 1.5), delete(4, 10, 5.0),
       delete(5, 11, 9.0)]


class HistoryTest(unittest.TestCase):
    def refused(self, changes, marks, *words):
        found = violations(changes, marks)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def test_one_after_the_other_is_well(self):
        self.assertEqual(violations(TWO, work("alpha", "1", 2, 2, 4) + work("beta", "2", 3, 6, 8)), [])

    def test_the_order_is_that_of_the_lines_and_not_of_the_clocks(self):
        marks = [mark("alpha", "1", 2, "begin", 2.0), mark("alpha", "1", 2, "end", 5.0),
                 mark("beta", "2", 3, "begin", 4.99)]
        self.assertEqual(violations(TWO, marks), [])

    def test_domains_are_no_concern_of_each_other(self):
        changes = [put(2, 10, "1", "alpha"), put(3, 11, "2", "beta", domain="other"),
                   delete(4, 10, 9), delete(5, 11, 9, domain="other")]
        marks = [mark("alpha", "1", 2, "begin", 2), mark("beta", "2", 3, "begin", 3, "other"),
                 mark("alpha", "1", 2, "end", 4), mark("beta", "2", 3, "end", 5, "other")]
        self.assertEqual(violations(changes, marks), [])

    def test_other_keys_are_no_claims(self):
        changes = [Change(2, "/lab/x", "1"), Change(3, "/cc-ci/d.ci.test/unfinished", "1"),
                   Change(4, "/cc-ci/d.ci.test/unfinished", None)]
        self.assertEqual(violations(changes, []), [])

    def test_two_at_work_at_a_time_are_seen(self):
        marks = [mark("alpha", "1", 2, "begin", 2), mark("beta", "2", 3, "begin", 3),
                 mark("alpha", "1", 2, "end", 4)]
        self.refused(TWO, marks, "end of run 1 on alpha", "token 2 is older than 3", "begin of run 2")

    def test_a_teardown_by_the_older_one_is_seen(self):
        marks = work("alpha", "1", 2, 2, 3) + [mark("beta", "2", 3, "begin", 4), mark("alpha", "1", 2, "teardown", 4)]
        self.refused(TWO, marks, "teardown of run 1 on alpha", "older")

    def test_work_after_the_end_of_the_claim_is_seen_even_if_nobody_else_came(self):
        self.refused([put(2, 10, "1", "alpha", 1), delete(3, 10, 5)],
                     [mark("alpha", "1", 2, "begin", 2), mark("alpha", "1", 2, "tick", 5.5)],
                     "tick of run 1", "had ended 0.50s before")

    def test_work_without_a_claim_is_seen(self):
        self.refused(TWO, [mark("gamma", "3", 4, "begin", 2)], "run 3 on gamma", "not that of a claim")

    def test_work_of_one_that_only_waited_is_seen(self):
        changes = [put(2, 10, "1", "alpha"), put(3, 11, "2", "beta"), delete(4, 11, 9), delete(5, 10, 9)]
        self.refused(changes, [mark("beta", "2", 3, "begin", 3)], "run 2 on beta", "never had")

    def test_who_is_gone_in_the_same_transaction_as_the_one_before_it_never_had_the_domain(self):
        changes = [put(2, 10, "1", "alpha"), put(3, 11, "2", "beta"), delete(4, 10, 9), delete(4, 11, 9)]
        self.refused(changes, [mark("beta", "2", 3, "begin", 3)], "run 2 on beta", "never had")

    def test_one_that_leaves_and_one_that_follows_in_a_transaction_are_well(self):
        changes = [put(2, 10, "1", "alpha"), delete(3, 10, 5), put(3, 11, "2", "beta"), delete(4, 11, 9)]
        self.assertEqual(violations(changes, work("alpha", "1", 2, 1, 2) + work("beta", "2", 3, 6, 8)), [])

    def test_a_job_that_begins_twice_is_seen(self):
        self.refused(TWO, [mark("alpha", "1", 2, "begin", 2), mark("alpha", "1", 2, "begin", 3)], "begun before")

    def test_a_token_of_somebody_else_is_seen(self):
        self.refused(TWO, [mark("beta", "2", 2, "begin", 3)], "token 2 is not that of a claim of its own")

    def test_a_janitor_may_have_a_domain_again_and_again(self):
        changes = [put(2, 10, "janitor", "alpha"), delete(3, 10, 2), put(4, 11, "1", "beta"),
                   delete(5, 11, 5), put(6, 12, "janitor", "alpha"), delete(7, 12, 9)]
        marks = [mark("alpha", "janitor", 2, "teardown", 1), mark("beta", "1", 4, "begin", 3),
                 mark("alpha", "janitor", 6, "teardown", 8)]
        self.assertEqual(violations(changes, marks), [])
        self.refused(changes, marks + [mark("beta", "1", 4, "tick", 4)], "tick of run 1 on beta", "older")
        self.refused(changes, marks + [mark("alpha", "janitor", 2, "teardown", 1)], "older than 6")

    def test_a_claim_under_no_lease_is_seen(self):
        self.refused([put(2, 0, "1", "alpha")], [], "under no lease")

    def test_a_claim_that_changes_its_owner_is_seen(self):
        self.refused([put(2, 10, "1", "alpha"), put(3, 10, "2", "beta")], [], "somebody else")

    def test_a_claim_that_is_put_again_keeps_its_token(self):
        changes = [put(2, 10, "1", "alpha"), put(3, 11, "2", "beta"), put(4, 10, "1", "alpha"),
                   delete(5, 10, 5), delete(6, 11, 9)]
        self.assertEqual(violations(changes, work("alpha", "1", 2, 2, 4) + work("beta", "2", 3, 6, 8)), [])

    def test_a_history_that_goes_back_is_none(self):
        self.refused([Change(3, "/lab/x", "1"), Change(2, "/lab/x", "2")], [], "revision 2 after 3")

    def test_marks_are_read(self):
        self.assertEqual(parse_marks("d.ci.test alpha 1 begin 2 12.34\n"), [mark("alpha", "1", 2, "begin", 12.34)])


unittest.main()
