machine.wait_for_unit("multi-user.target")

with subtest("the configuration is one"):
    machine.succeed("cc-ci ps")
    machine.succeed("grep -q '\"platform\": *\"swarm\"' /etc/cc-ci/config.json")

with subtest("there is a Swarm"):
    machine.wait_for_unit("cc-ci-swarm.service")
    assert "active" == machine.succeed("docker info --format '{{.Swarm.LocalNodeState}}'").strip()

with subtest("the janitor has passed, and comes again"):
    machine.wait_until_succeeds("test \"$(systemctl show --property=Result --value cc-ci-reap.service)\" = success", timeout=60)
    machine.succeed("systemctl is-active cc-ci-reap.timer")
    machine.succeed("systemctl start cc-ci-reap.service")

with subtest("the runner knows what it may do"):
    machine.wait_until_succeeds("test -s /run/drone-runner-exec/environment", timeout=60)
    environment = machine.succeed("cat /run/drone-runner-exec/environment").splitlines()
    for line in ["DRONE_RUNNER_CAPACITY=2", "DRONE_RPC_HOST=drone.example.net", "DRONE_RPC_SECRET=not-secret"]:
        assert line in environment, environment

with subtest("it drains once, and starts anew"):
    before = machine.succeed("systemctl show --property=MainPID --value drone-runner-exec")
    machine.succeed("systemctl reload drone-runner-exec")
    machine.wait_until_succeeds(
        f"test $(systemctl show --property=MainPID --value drone-runner-exec) -gt {before.strip()}", timeout=60
    )
    machine.fail("test -e /run/drone-runner-exec/draining")

with subtest("systemd understands every line"):
    said = machine.succeed("systemd-analyze verify cc-ci-reap.service cc-ci-reap.timer drone-runner-exec.service cc-ci.slice 2>&1")
    assert "cc-ci" not in said and "drone" not in said, said
