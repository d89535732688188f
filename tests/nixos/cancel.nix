# Drone cancels a build by a SIGKILL for the shell of its step, and for nothing else: no signal comes
# to what the shell has started, and no later step runs. It defends that the run ends all the same,
# with its app removed, also when its job ignores SIGTERM and has put a process into the background.
{ module }:
{
  name = "cc-ci-cancel";
  nodes.machine = import ./common.nix { inherit module; };
  testScript = builtins.readFile ./cancel.py;
}
