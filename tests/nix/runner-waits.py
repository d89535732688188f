# An operator switches to a new configuration, or stops the runner, while a run is in progress. It
# defends that the run ends by itself and its step gets the exit code; and it defends the rest of what a
# host is promised: its units, directories, limits, and the environment of the runner.
import json

APP = "shop-c0ffee.ci.example.net"
LOG = "/run/runner-log"


def start_step(run):
    job = "mkdir /srv/apps/$CCCI_DOMAIN; cat /run/go"
    step = f"cc-ci run --run-id {run} --domain {APP} -- sh -c '{job}'"
    machine.succeed(f"cat >/run/step <<'END'\n{step}\nEND\n")
    machine.succeed("systemctl kill --kill-whom=main --signal=USR1 drone-runner-exec")
    machine.wait_until_succeeds(f"test -d /srv/apps/{APP}", timeout=30)


def has_logged(line, times=1):
    machine.wait_until_succeeds(f"test $(grep -cx '{line}' {LOG}) -eq {times}", timeout=30)


def property_of(unit, name):
    return machine.succeed(f"systemctl show --property={name} --value {unit}").strip()


def metric(name):
    text = machine.succeed("cat /var/lib/prometheus-node-exporter-text-files/cc-ci.prom")
    return dict(line.rsplit(" ", 1) for line in text.splitlines())[name]


machine.wait_for_unit("multi-user.target")
machine.succeed("mkfifo /run/go")
has_logged("started: daemon")

with subtest("the janitor has passed at boot, and comes again"):
    machine.wait_until_succeeds("test \"$(systemctl show --property=Result --value cc-ci-reap)\" = success")
    machine.succeed("systemctl is-active cc-ci-reap.timer")
    assert property_of("cc-ci-reap.timer", "NextElapseUSecMonotonic") != "infinity"
    assert property_of("cc-ci-reap.service", "Slice") == "cc-ci.slice"

with subtest("directories and limits are in place"):
    assert machine.succeed("stat --format='%n %A %U' /srv/runs /srv/warm /run/locks").splitlines() == [
        "/srv/runs drwxr-xr-x root", "/srv/warm drwx------ root", "/run/locks drwxr-xr-x root"]
    machine.succeed("systemctl start cc-ci.slice")
    assert property_of("cc-ci.slice", "TasksMax") == "512"
    assert property_of("cc-ci.slice", "CPUWeight") == "50"

with subtest("metrics are written every minute"):
    machine.succeed("systemctl is-active cc-ci-metrics.timer")
    machine.succeed("systemctl start cc-ci-metrics")
    assert metric('cc_ci_live_runs{state="running"}') == "0"

with subtest("a burst of lines is kept"):
    machine.succeed("systemd-run --wait --quiet --unit=burst seq 100000")
    machine.succeed("journalctl --sync")
    assert machine.succeed("journalctl --unit=burst --output=cat | grep -c '^[0-9]*$'").strip() == "100000"

with subtest("the runner has the environment that it was promised"):
    environment = json.loads(machine.succeed("cat /run/runner-environment"))
    assert {name: value for name, value in environment.items() if name.startswith("DRONE_")} == {
        "DRONE_HTTP_BIND": "127.0.0.1:3000",
        "DRONE_LIMIT_EVENTS": "custom,push",
        "DRONE_LIMIT_REPOS": "ops/recipe-ci,ops/other",
        "DRONE_LIMIT_TRUSTED": "true",
        "DRONE_RPC_HOST": "drone.example.net",
        "DRONE_RPC_PROTO": "https",
        "DRONE_RPC_SECRET": "not secret",
        "DRONE_RUNNER_CAPACITY": "3",
        "DRONE_RUNNER_NAME": "nixos",
        "DRONE_RUNNER_ROOT": "/var/cache/drone-runner-exec",
        "DRONE_UI_DISABLE": "true",
    }, environment
    packages = ["bash", "git", "gnutar", "gzip", "openssh", "cc-ci", "jq",
                "coreutils", "findutils", "gnugrep", "gnused", "systemd"]
    path = ["/".join(part.split("/")[-2:]) for part in environment["PATH"].split(":")]
    assert path == [f"{package}/{kind}" for kind in ("bin", "sbin") for package in packages], path

with subtest("a switch lets the run end, and then there is a new runner"):
    start_step(1)
    machine.succeed("systemctl start cc-ci-metrics")
    assert metric('cc_ci_live_runs{state="running"}') == "1"
    assert metric('cc_ci_locks{state="held"}') == "1"
    before = property_of("drone-runner-exec", "MainPID")
    machine.succeed("systemctl reload drone-runner-exec")
    machine.succeed("systemctl reload drone-runner-exec")
    has_logged("SIGTERM")
    assert property_of("drone-runner-exec", "MainPID") == before
    machine.succeed(f"test -d /srv/apps/{APP}")
    machine.succeed("echo >/run/go", timeout=10)
    has_logged("step: 0")
    has_logged("started: daemon", times=2)
    machine.fail("test -e /run/drone-runner-exec/draining")
    machine.fail(f"test -e /srv/apps/{APP}")

with subtest("a stop lets the run end, also one that follows a switch"):
    start_step(2)
    machine.succeed("systemctl reload drone-runner-exec")
    has_logged("SIGTERM", times=2)
    machine.succeed("systemctl stop --no-block drone-runner-exec")
    machine.wait_until_succeeds("test \"$(systemctl show --property=SubState --value drone-runner-exec)\" = stop", timeout=30)
    machine.succeed(f"test -d /srv/apps/{APP}")
    machine.succeed("echo >/run/go", timeout=10)
    machine.wait_until_succeeds("test \"$(systemctl show --property=ActiveState --value drone-runner-exec)\" = inactive", timeout=30)
    assert property_of("drone-runner-exec", "Result") == "success"
    has_logged("step: 0", times=2)
    has_logged("SIGTERM", times=2)
    has_logged("ended", times=2)
    machine.fail(f"test -e /srv/apps/{APP}")
