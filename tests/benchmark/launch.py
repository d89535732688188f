"""Launch to exit of a job that does nothing."""

from bench import DOMAIN, FOLLOWED, LOCK_FILE, LOCKS, PEER_HARNESS, SYSTEMD_RUN
from processes import seconds


def measure(bench):
    lock = LOCKS / "bench-peer"
    values = bench.interleaved({
        "run": lambda: seconds(bench.run([], ["true"])),
        "domain": lambda: seconds(bench.run(["--domain", DOMAIN], ["true"])),
        "none": lambda: seconds(bench.run(["--manager", "none"], ["true"])),
        "systemd-run": lambda: seconds([*SYSTEMD_RUN, "--", "true"]),
        "followed": lambda: seconds([*FOLLOWED, "--", "true"]),
        "python": lambda: seconds([*PEER_HARNESS, "--lock", lock, "--record", "/run/bench-record",
                                   "--", "true"]),
        "bus": lambda: seconds([bench.program("bare_unit"), bench.name() + ".service"]),
        "sh": lambda: seconds(["sh", "-c", "true"]),
    })
    bench.check(not LOCK_FILE.exists() and not lock.exists(), "a run left its lock file")
    ours, table = values["run"], bench.table
    table.heading("launch to exit of `true`")
    table.ours("cc-ci run", ours)
    table.ours("cc-ci run --domain", values["domain"])
    table.ours("cc-ci run --manager none", values["none"])
    table.peer("systemd-run --wait --pipe --collect", values["systemd-run"], ours, at_most=0.5)
    table.peer("  the same, with an ExecStopPost", values["followed"], ours)
    table.peer("harness in Python, no systemd", values["python"], ours)
    table.limit("the bus alone: start, exit", values["bus"], ours, at_most=0.003)
    table.peer("sh -c", values["sh"], ours)
