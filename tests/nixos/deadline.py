APP = "shop-c0ffee.ci.example.net"
JOB = "mkdir /srv/apps/$CCCI_DOMAIN; trap : TERM; while :; do sleep 1; done"

machine.wait_for_unit("multi-user.target")

with subtest("the run ends at its deadline"):
    code, said = machine.execute(f"cc-ci run --run-id 7 --deadline 2s --domain {APP} -- sh -c '{JOB}' 2>&1")
    assert code == 142, (code, said)
    assert "deadline" in said.splitlines()[-1], said
    machine.fail(f"test -e /srv/apps/{APP}")

with subtest("the unit had it from systemd"):
    machine.succeed(f"cc-ci run --detach --run-id 8 --deadline 1h --domain {APP} -- sleep 3600")
    machine.wait_until_succeeds("systemctl is-active --quiet cc-ci-run-8", timeout=30)
    limit = machine.succeed("systemctl show --property=RuntimeMaxUSec --value cc-ci-run-8").strip()
    assert limit == "1h", limit
    machine.succeed("cc-ci cancel 8")
