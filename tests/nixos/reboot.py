APP = "shop-c0ffee.ci.example.net"

machine.wait_for_unit("multi-user.target")
machine.succeed("mkdir /srv/apps/www.example.net")
machine.succeed(
    f"cc-ci run --detach --run-id 9 --domain {APP} -- sh -c 'mkdir /srv/apps/$CCCI_DOMAIN; sync; exec sleep 3600'"
)
machine.wait_until_succeeds(f"test -d /srv/apps/{APP}", timeout=30)
machine.succeed("sync")

machine.crash()
machine.start()

with subtest("the janitor has been here"):
    machine.wait_for_unit("multi-user.target")
    machine.wait_until_fails(f"test -e /srv/apps/{APP}", timeout=60)
    machine.succeed("test -d /srv/apps/www.example.net")
    machine.wait_until_succeeds("journalctl --boot --unit=cc-ci-reap.service --output=cat | grep -q shop-c0ffee", timeout=60)
    machine.succeed(f"cc-ci run --no-wait --run-id 10 --domain {APP} -- true")
