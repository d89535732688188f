APP = "shop-c0ffee.ci.example.net"
DEPLOY = "mkdir -p /srv/apps/$CCCI_DOMAIN"


def run(number, *options):
    return f"cc-ci run --run-id {number} --domain {APP} {' '.join(options)}"


start_all()
etcd.wait_for_unit("etcd.service")
for host in (alpha, beta):
    host.wait_for_unit("multi-user.target")
    host.wait_until_succeeds("cc-ci locks", timeout=60)

with subtest("a domain has one owner over both hosts"):
    alpha.succeed(run(1, "--detach") + f" -- sh -c '{DEPLOY}; exec sleep 600'")
    alpha.wait_until_succeeds(f"test -d /srv/apps/{APP}", timeout=30)
    code, said = beta.execute(run(2, "--no-wait") + " -- true 2>&1")
    assert code == 75, (code, said)
    assert "run 1 on alpha" in said, said

with subtest("who waits gets it when it is given back"):
    beta.succeed(run(3, "--detach") + " -- sleep 600 >/dev/null 2>&1 &")
    beta.wait_until_succeeds("cc-ci ps --json | grep -w waiting", timeout=30)
    said = alpha.succeed("cc-ci locks")
    assert "alpha" in said and "beta" in said, said
    alpha.succeed("cc-ci cancel 1")
    alpha.fail(f"test -e /srv/apps/{APP}")
    beta.wait_until_succeeds("cc-ci ps --json | grep -w running", timeout=30)
    beta.succeed("cc-ci cancel 3")

with subtest("a host that is cut off ends its run, and then the other has the domain"):
    alpha.succeed(run(4, "--detach") + f" -- sh -c '{DEPLOY}; exec sleep 600'")
    alpha.wait_until_succeeds(f"test -d /srv/apps/{APP}", timeout=30)
    alpha.block()
    beta.succeed(run(5) + " -- true")
    alpha.succeed("cc-ci ps --all --state fenced | grep -w 4")
    alpha.fail(f"test -e /srv/apps/{APP}")
    alpha.unblock()

with subtest("what a host had that died is free when its lease has run out"):
    alpha.succeed(run(6, "--detach") + " -- sleep 600")
    alpha.crash()
    said = beta.succeed(run(7) + " -- true 2>&1")
    assert "run 6 on alpha" in said and "clean slate" in said, said

with subtest("a run does not begin without etcd, and says so in a line"):
    etcd.succeed("systemctl stop etcd")
    code, said = beta.execute(run(8) + " -- true 2>&1")
    assert code == 125, (code, said)
