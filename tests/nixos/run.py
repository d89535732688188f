APP = "shop-c0ffee.ci.example.net"
DEPLOY = "mkdir /srv/apps/$CCCI_DOMAIN && echo deployed"

machine.wait_for_unit("multi-user.target")

with subtest("the step has the job's output and exit code"):
    said = machine.succeed(f"cc-ci run --run-id 1 --domain {APP} -- sh -c '{DEPLOY}' 2>&1")
    assert "deployed" in said, said
    assert "passed" in said.splitlines()[-1], said
    code, _ = machine.execute(f"cc-ci run --run-id 2 --domain {APP} -- sh -c '{DEPLOY}; exit 7'")
    assert code == 7, code

with subtest("whoever comes second waits for the teardown of the first"):
    machine.succeed(
        f"systemd-run --unit=first cc-ci run --run-id 3 --domain {APP} -- sh -c '{DEPLOY}; exec sleep 3'"
    )
    machine.wait_until_succeeds(f"test -d /srv/apps/{APP}", timeout=30)
    said = machine.succeed(f"cc-ci run --run-id 4 --domain {APP} -- sh -c '{DEPLOY}' 2>&1")
    assert "run 3 has held it" in said, said

with subtest("nothing is left"):
    machine.succeed("test -z \"$(ls /srv/apps)\"")
    # The end of a unit comes a moment after that of its step, and a janitor that probes in that moment
    # makes a lock file for as long as it looks.
    machine.wait_until_fails("ls /run/lock/cc-ci-app-*", timeout=30)
    machine.wait_until_succeeds(
        "test -z \"$(systemctl list-units --all --plain --no-legend 'cc-ci-run-*')\"", timeout=30
    )
    machine.succeed("cc-ci ps --json | grep -q passed")
    machine.succeed("journalctl CC_CI_RUN=1 --output=cat | grep -q deployed")
