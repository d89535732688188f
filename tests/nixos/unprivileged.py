APP = "shop-c0ffee.ci.example.net"
# What Drone leaves of an environment; there is nothing of a session in it.
STEP = "runuser -u drone -- env -i PATH=\"$PATH\" USER=drone HOME=/var/lib/drone"

machine.wait_for_unit("multi-user.target")
machine.wait_until_succeeds("test -S /run/user/$(id -u drone)/bus", timeout=60)

with subtest("a run is carried by the user's own systemd"):
    said = machine.succeed(
        f"{STEP} cc-ci run --run-id 11 --domain {APP} -- sh -c 'cat /proc/self/cgroup; mkdir /srv/apps/$CCCI_DOMAIN' 2>&1"
    )
    assert "user@" in said and "cc-ci-run-11.service" in said, said
    machine.fail(f"test -e /srv/apps/{APP}")

with subtest("a deadline is a deadline"):
    code, said = machine.execute(f"{STEP} cc-ci run --run-id 12 --deadline 2s --domain {APP} -- sleep 60 2>&1")
    assert code == 142, (code, said)

with subtest("the janitor sees that the lock is held"):
    machine.succeed(f"{STEP} cc-ci run --detach --run-id 13 --domain {APP} -- sh -c 'mkdir /srv/apps/$CCCI_DOMAIN; exec sleep 600'")
    machine.wait_until_succeeds(f"test -d /srv/apps/{APP}", timeout=30)
    machine.succeed("systemctl start cc-ci-reap")
    machine.succeed(f"test -d /srv/apps/{APP}")

with subtest("the metrics of its runs are written, as the same user"):
    machine.succeed("systemctl start cc-ci-metrics")
    metrics = machine.succeed("cat /var/lib/prometheus-node-exporter-text-files/cc-ci.prom").splitlines()
    assert 'cc_ci_live_runs{state="running"} 1' in metrics, metrics
    assert 'cc_ci_ended_runs_total{verdict="deadline"} 1' in metrics, metrics
    machine.succeed(f"{STEP} cc-ci cancel 13")
    machine.fail(f"test -e /srv/apps/{APP}")

with subtest("the janitor reaps what is left, as the same user"):
    machine.succeed(f"{STEP} mkdir /srv/apps/{APP}")
    machine.succeed("systemctl start cc-ci-reap")
    machine.fail(f"test -e /srv/apps/{APP}")
    machine.succeed("systemctl start cc-ci-metrics")
    machine.succeed("grep -x 'cc_ci_orphans_reaped_total 1' /var/lib/prometheus-node-exporter-text-files/cc-ci.prom")

with subtest("the user cannot stop what is not its own"):
    machine.fail(f"{STEP} systemctl stop cc-ci-reap.timer")
    machine.succeed("systemctl is-active cc-ci-reap.timer")
