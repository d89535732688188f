# A job hangs. It defends that systemd stops it at the deadline, whatever the job does about SIGTERM,
# that the app is removed, and that the step ends with the code that is for this alone.
{ module }:
{
  name = "cc-ci-deadline";
  nodes.machine = import ./common.nix { inherit module; };
  testScript = builtins.readFile ./deadline.py;
}
