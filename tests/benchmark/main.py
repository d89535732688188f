#!/usr/bin/env python3
"""Measures cc-ci against what one would use instead, and against the limits; prints one table.

  main.py [--short] [--only ROW] [--rounds N] [--write] [BUILD]

  --short     a minute instead of some: few rounds, small sizes, no Swarm
  --only ROW  launch, hand_over, cancel, output, janitor, memory, crowd, ps or teardown
  --rounds N  how often the quickest of it is done (default 100, or 6)
  --write     also puts the table into docs/performance.md
  BUILD       the build to measure (default: build)

Boots a sandbox for itself (tests/sandbox/sandbox), and one with a Swarm for the teardown. Exits with
0 whether the aims were met or not: the table says so. Fails when something does not end as it has to,
or is not complete, or leaves something behind.
"""

import argparse
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

from bench import Bench

PROJECT = Path(__file__).resolve().parent.parent.parent
ROWS = ("launch", "hand_over", "cancel", "output", "janitor", "memory", "crowd", "ps")
SWARM_ROWS = ("teardown",)
PAGE = PROJECT / "docs/performance.md"
BEGIN, END = (f"<!-- {word}: written by tests/bench -->\n" for word in ("begin", "end"))


def parse():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", choices=ROWS + SWARM_ROWS)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("build", nargs="?", default=str(PROJECT / "build"))
    options = parser.parse_args()
    if options.write and (options.short or options.only):
        parser.error("--write: the page has the whole table")
    options.rounds = options.rounds or (6 if options.short else 100)
    options.build = Path(options.build).resolve()
    if not (options.build / "tests/bench_bare_unit").exists():
        parser.error(f"no programs in {options.build}: build bench_programs first")
    return options


def build_type(build):
    found = re.search(r"^CMAKE_BUILD_TYPE:\w+=(\w*)$.*^CMAKE_CXX_FLAGS:\w+=(.*?)$",
                      (build / "CMakeCache.txt").read_text(), re.MULTILINE | re.DOTALL)
    return " ".join(filter(None, found.groups())) if found else "unknown build"


def describe(options):
    version = subprocess.run(["systemctl", "--version"], check=True, capture_output=True, text=True)
    return (f"{build_type(options.build)}, {' '.join(version.stdout.split()[:2])}, "
            f"Linux {'.'.join(os.uname().release.split('.')[:2])}, "
            f"{len(os.sched_getaffinity(0))} CPUs, load {os.getloadavg()[0]:.1f}, "
            f"{options.rounds} rounds\n")


def inside(options):
    bench = Bench(options.build, options.rounds, options.short)
    for row in options.inside.split(","):
        importlib.import_module(row).measure(bench)


def in_sandbox(options, rows, *more):
    """Passes on what measuring these rows prints, and returns it."""
    short = ["--short"] if options.short else []
    with subprocess.Popen(
            [PROJECT / "tests/sandbox/sandbox", *more, "--setenv", "PYTHONDONTWRITEBYTECODE=1",
             "--bind", options.build, "--", Path(__file__).resolve(), *short,
             "--rounds", str(options.rounds), "--inside", ",".join(rows), options.build],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as sandbox:
        text = ""
        for line in sandbox.stdout:
            print(line, end="", flush=True)
            text += line
    if sandbox.returncode != 0:
        sys.exit(sandbox.returncode)
    return text


def write(text):
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}```\n{text}```\n{END}{after}", encoding="utf-8")


def main():
    options = parse()
    if options.inside:
        inside(options)
        return
    wanted = [row for row in ROWS if options.only in (None, row)]
    on_swarm = [row for row in SWARM_ROWS
                if options.only == row or (options.only is None and not options.short)]
    text = describe(options)
    print(text, end="", flush=True)
    if wanted:
        text += in_sandbox(options, wanted)
    if on_swarm:
        text += in_sandbox(options, on_swarm, "--swarm")
    if options.write:
        write(text)


main()
