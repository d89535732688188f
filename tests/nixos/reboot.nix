# The power fails while a run has its app deployed: no teardown runs, and the locks are gone with the
# kernel. It defends that the janitor reaps the app at the next boot, and nothing that is no app of a run.
{ module }:
{
  name = "cc-ci-reboot";
  nodes.machine = import ./common.nix { inherit module; };
  testScript = builtins.readFile ./reboot.py;
}
