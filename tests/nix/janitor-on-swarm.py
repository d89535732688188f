# A host crashed and left the stack of a run. It defends that the janitor's unit, restricted as it is,
# can remove all of a stack, and leaves what is no app of a run.
ORPHAN, OTHER = "shop-c0ffee_ci_example_net", "www_example_net"

machine.wait_for_unit("cc-ci-swarm.service")
for stack in (ORPHAN, OTHER):
    label = f"--label com.docker.stack.namespace={stack}"
    machine.succeed(f"docker volume create {label} {stack}_data")
    machine.succeed(f"echo secret | docker secret create {label} {stack}_password -")
    machine.succeed(f"docker service create --quiet --detach --no-resolve-image --replicas 0 {label} --name {stack}_app busybox:1")

with subtest("the janitor removes the orphan"):
    machine.succeed("systemctl start cc-ci-reap")

with subtest("nothing is left of it, and all of the other"):
    left = machine.succeed("docker volume ls --quiet; docker secret ls --format '{{.Name}}'; docker service ls --format '{{.Name}}'")
    assert left.splitlines() == [f"{OTHER}_{what}" for what in ("data", "password", "app")], left
