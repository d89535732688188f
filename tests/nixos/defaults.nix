# An operator writes the two lines of the manual and nothing else. It defends that this is a whole: a
# configuration that cc-ci accepts, a Swarm that a recipe can be deployed to, a janitor that has passed
# at boot and comes again, a runner with its limit, and units that systemd has no complaint about.
{ module }:
{
  name = "cc-ci-defaults";
  nodes.machine =
    { pkgs, ... }:
    {
      imports = [ module ];
      virtualisation.docker = {
        enable = true;
        liveRestore = false;
      };
      services.cc-ci = {
        enable = true;
        swarm.init = true;
      };
      services.drone-runner-exec = {
        enable = true;
        server = "drone.example.net";
        environmentFile = "/etc/drone-runner-secret";
        # The real one is not free software; this takes orders as it does, and has none.
        package = pkgs.writeShellScriptBin "drone-runner-exec" ''
          env >/run/drone-runner-exec/environment
          trap 'exit 0' TERM
          while :; do sleep 1; done
        '';
      };
      environment.etc."drone-runner-secret".text = "DRONE_RPC_SECRET=not-secret";
    };
  testScript = builtins.readFile ./defaults.py;
}
