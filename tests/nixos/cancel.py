APP = "shop-c0ffee.ci.example.net"
JOB = "trap : TERM; mkdir /srv/apps/$CCCI_DOMAIN; setsid sleep 4567 & while :; do sleep 1; done"

machine.wait_for_unit("multi-user.target")
# As the runner writes it: no exec, so the shell stays the parent.
STEP = f"set -e\ncc-ci run --run-id 5 --domain {APP} -- sh -c '{JOB}'\necho not reached\n"
machine.succeed(f"cat >/root/step <<'END'\n{STEP}END\n")

with subtest("the step's shell is killed, and the run is torn down"):
    machine.succeed("systemd-run --unit=step --setenv=PATH --property=KillMode=process /bin/sh -e /root/step")
    machine.wait_until_succeeds(f"test -d /srv/apps/{APP}", timeout=30)
    machine.succeed("kill -KILL \"$(systemctl show --property=MainPID --value step)\"")
    # is-active would also say no while it is being torn down.
    machine.wait_until_succeeds(
        "test \"$(systemctl show --property=ActiveState --value cc-ci-run-5)\" = inactive", timeout=60
    )
    machine.fail(f"test -e /srv/apps/{APP}")
    # The step itself, whose command line has it, too, may still be on its way out.
    machine.fail("pgrep --full '^sleep 4567'")

with subtest("the verdict says so"):
    assert "cancelled" in machine.succeed("cc-ci ps"), machine.succeed("cc-ci ps")
    machine.succeed(f"cc-ci run --no-wait --run-id 6 --domain {APP} -- true")
