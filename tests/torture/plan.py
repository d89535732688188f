"""What the runs of a torture are to do, and what has to become of them."""

import time
from dataclasses import dataclass, field
from datetime import datetime

SIGNALS = {"SEGV": 11, "ABRT": 6, "USR1": 10, "TERM": 15}
BURST = 3000


@dataclass
class Plan:
    """All of it drawn before the run starts, so that a seed can be replayed."""
    run: str
    domain: str
    kind: str
    job: str
    verdict: tuple  # (name, exit code) if nothing befalls it; None: it would go on for ever
    deadline: str = "25s"
    options: list = field(default_factory=list)
    disturbance: str = "none"
    delay: float = 0.0


def draw_job(rng):
    """(kind, shell text, verdict)"""
    pause = f"sleep 0.{rng.randrange(40):02}; "
    code = rng.choice([1, 2, 7, 42, 70])
    name = rng.choice(list(SIGNALS))
    return rng.choice([
        ("green", pause + "exit 0", ("passed", 0)),
        ("red", pause + f"exit {code}", ("failed", code)),
        ("seventy-eight", pause + "exit 78", ("failed", 1)),
        ("signal", pause + f"kill -{name} $$; sleep 10", ("failed", 128 + SIGNALS[name])),
        ("kill-itself", pause + "kill -KILL $$; sleep 10", ("killed", 137)),
        ("forks", "for i in 1 2 3 4 5; do sleep 1000 & done; exit 0", ("passed", 0)),
        ("daemon", "setsid sh -c 'trap \"\" TERM HUP; (sleep 1000; :) & sleep 1000' & " + pause +
         f"exit {code}", ("failed", code)),
        ("burst", f"seq -f 'line %.0f' {BURST}; exit 0", ("passed", 0)),
        ("long", "sleep 1000", None),
        ("polite", "trap 'exit 0' TERM; sleep 1000 & wait", None),
        ("deaf", "trap '' TERM; while :; do sleep 1; done", None),
        ("deadline", "trap 'exit 0' TERM; sleep 1000 & wait", ("deadline", 142)),
    ])


ENDINGS = ["term-step", "kill-step", "kill-shell", "kill-harness", "cancel", "systemctl-stop"]


def draw_plan(rng, run, domains, endings=ENDINGS):
    plan = Plan(run, f"d{rng.randrange(domains)}.ci.test", *draw_job(rng))
    if plan.kind == "deadline":
        plan.deadline = "1s"
    # A job that would never end is always ended by something.
    if plan.verdict is None or rng.random() < 0.35:
        plan.disturbance = rng.choice(endings)
        plan.delay = rng.random() * 0.6
    if rng.random() < 0.06:
        plan.options.append("--supersede")
    return plan


def end_of(record, step_ended):
    """By time.monotonic(), in which `step_ended` is, too: a run whose step was killed goes on without it."""
    if "ended" not in record:
        return step_ended
    ago = time.time() - datetime.fromisoformat(record["ended"]).timestamp()
    return max(step_ended, time.monotonic() - ago)


def allowed(plan, came, superseded, bus_was_down):
    """The verdicts that this run may have; `came`: the disturbance found something to disturb."""
    verdicts = set()
    if plan.verdict is not None or not came:
        verdicts.add(plan.verdict)
    if came:
        verdicts |= {
            "none": set(),
            "term-step": {("cancelled", 143)},
            "kill-step": {("cancelled", 143)},
            "kill-shell": {("cancelled", 143)},
            "kill-harness": {("killed", 137)},
            "cancel": {("cancelled", 143)},
            "systemctl-stop": {("cancelled", 143)},
        }[plan.disturbance]
    if superseded:
        verdicts.add(("superseded", 143))
    if bus_was_down:
        verdicts.add(("refused", 125))
    return verdicts
