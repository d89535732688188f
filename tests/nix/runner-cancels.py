# An operator who does not want to wait stops the runner. It defends that the run in progress is
# cancelled and torn down before the stop is over, and that nothing is killed in its teardown.
APP = "shop-c0ffee.ci.example.net"

machine.wait_for_unit("multi-user.target")
machine.wait_until_succeeds("grep -qx 'started: daemon' /run/runner-log")
machine.succeed(f"cat >/run/step <<'END'\ncc-ci run --run-id 1 --domain {APP} -- sh -c 'mkdir /srv/apps/$CCCI_DOMAIN; exec sleep 4567'\nEND\n")
machine.succeed("systemctl kill --kill-whom=main --signal=USR1 drone-runner-exec")
machine.wait_until_succeeds(f"test -d /srv/apps/{APP}", timeout=30)

with subtest("the run is over when the stop is"):
    machine.succeed("systemctl stop drone-runner-exec")
    machine.fail(f"test -e /srv/apps/{APP}")
    machine.fail("pgrep --full 'sleep 4567'")
    assert "cancelled" in machine.succeed("cc-ci ps")
    machine.succeed("grep -x ended /run/runner-log")

with subtest("it can be started again"):
    machine.succeed("systemctl start drone-runner-exec")
    machine.wait_until_succeeds("test $(grep -cx 'started: daemon' /run/runner-log) -eq 2")
