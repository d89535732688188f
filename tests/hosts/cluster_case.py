"""What the tests of cc-ci on several hosts have in common."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from cluster import Cluster  # noqa: E402


class ClusterCase(unittest.TestCase):
    """One lab for all tests of a class; each has a domain of its own, and leaves nothing."""

    names, members, etcd_options = ("alpha", "beta"), 1, ()

    @classmethod
    def setUpClass(cls):
        root = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="ccci-hosts-"))
        cls.cluster = cls.enterClassContext(
            Cluster(os.environ["CCCI_BUILD"], Path(root) / "lab", cls.names, cls.members, cls.etcd_options))
        cls.etcd = cls.cluster.etcd

    def setUp(self):
        name = self.id().rpartition(".")[2].removeprefix("test_").replace("_", "-")
        self.domain = name[:40].rstrip("-") + ".ci.test"
        self.failed = len(self.failures())
        self.alpha, self.beta = self.cluster.hosts[:2]
        self.gamma = self.cluster.hosts[-1]

    def failures(self):
        result = self._outcome.result
        return result.failures + result.errors

    def tearDown(self):
        if len(self.failures()) == self.failed:
            self.cluster.check(self.domain)
        else:
            self.cluster.end_all()

    def second(self, name="other"):
        """One more domain of this test."""
        return f"{name}-{self.domain}"

    def passes(self, *runs):
        for one in runs:
            self.cluster.finish(one)
            self.assertEqual(self.cluster.verdict(one), ("passed", 0), one.output())
