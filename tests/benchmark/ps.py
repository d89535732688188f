"""What is going on, among many records; and the start of the program itself."""

import datetime
import json
import subprocess
from pathlib import Path

from bench import environment
from processes import call, seconds

FOLDER = Path("/var/lib/cc-ci-bench-runs")


class Records:
    """Live runs, and the records of many that are over."""

    LIVE = 20

    def __init__(self, bench, over):
        self.bench = bench
        self.over = over
        self.environment = environment(CCCI_RUNS_DIR=FOLDER)
        call(bench.run([], ["true"]), self.environment)
        pattern = json.loads(next(FOLDER.glob("*/run.json")).read_text(encoding="utf-8"))
        begin = datetime.datetime(2026, 1, 1)
        for number in range(over):
            created = begin + datetime.timedelta(minutes=number)
            record = pattern | {"run": f"over-{number}", "created": f"{created.isoformat()}.000Z"}
            (FOLDER / record["run"]).mkdir()
            (FOLDER / record["run"] / "run.json").write_text(
                json.dumps(record, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        self.units = []
        for _ in range(self.LIVE):
            call(bench.run(["--detach"], ["sleep", "1000"]), self.environment)
            self.units.append(bench.last_unit())

    def close(self):
        subprocess.run(["systemctl", "stop", *self.units], check=True)

    def seconds(self, argv):
        return seconds(argv, self.environment)

    def check(self):
        live = call([self.bench.cc_ci, "ps"], self.environment).count(" running ")
        self.bench.check(live == self.LIVE, f"{live} live runs in ps")


def start_up(bench):
    values = bench.interleaved({
        "ours": lambda: seconds([bench.cc_ci, "--version"]),
        "true": lambda: seconds(["true"]),
    })
    bench.table.heading("start of the program")
    bench.table.ours("cc-ci --version", values["ours"], at_most=0.003)
    bench.table.peer("true", values["true"], values["ours"])


def measure(bench):
    start_up(bench)
    records = Records(bench, 1000 if bench.short else 10_000)
    records.check()
    values = bench.interleaved({
        "systemctl": lambda: records.seconds(["systemctl", "--no-pager", "list-units"]),
        "ps": lambda: records.seconds([bench.cc_ci, "ps"]),
        "json": lambda: records.seconds([bench.cc_ci, "ps", "--json"]),
        "show": lambda: records.seconds([bench.cc_ci, "show", bench.last_run()]),
    }, 0.1)
    records.close()
    bench.table.heading(f"{records.LIVE} live runs, {records.over} that are over")
    bench.table.ours("cc-ci ps", values["ps"])
    bench.table.ours("cc-ci ps --json", values["json"])
    bench.table.ours("cc-ci show", values["show"])
    bench.table.peer("systemctl list-units", values["systemctl"], values["ps"])
