# The steps of a runner that is not root. It defends that a run is guarded as root's are: carried by the
# systemd of its user, which lingers, cancelled by the death of its step, and out of reach for others.
{ module }:
{
  name = "cc-ci-unprivileged";
  nodes.machine =
    { pkgs, ... }:
    {
      imports = [ (import ./common.nix { inherit module; }) ];
      services.cc-ci = {
        user = "drone";
        metrics.enable = true;
      };
      services.drone-runner-exec = {
        enable = true;
        server = "drone.example.net";
        environmentFile = "/etc/drone-runner-secret";
        package = pkgs.writeShellScriptBin "drone-runner-exec" "exec sleep infinity";
      };
      environment.etc."drone-runner-secret".text = "DRONE_RPC_SECRET=not-secret";
    };
  testScript = builtins.readFile ./unprivileged.py;
}
