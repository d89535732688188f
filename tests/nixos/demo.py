machine.wait_for_unit("cc-ci-swarm.service")
machine.wait_for_unit("multi-user.target")
machine.succeed("/etc/cc-ci-demo/tests/sandbox/make-image | docker load")

with subtest("the demo ends well, and says that nothing is left"):
    said = machine.succeed("/etc/cc-ci-demo/tests/demo --inside 2>&1", timeout=900)
    print(said)
    assert "What was left behind:" in said, said
