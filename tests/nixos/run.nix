# A pipeline has one line in its step: `cc-ci run --domain D -- COMMAND`. It defends that the step gets
# the job's output and exit code, that two runs of one domain follow each other, and that neither
# leaves an app, a lock or a unit.
{ module }:
{
  name = "cc-ci-run";
  nodes.machine = import ./common.nix { inherit module; };
  testScript = builtins.readFile ./run.py;
}
