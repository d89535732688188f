# A maintainer comments on a pull request. It defends the whole way: a webhook comes to a service that is
# nobody, a build is started, its run is guarded, and the comment and the commit say what became of it,
# also when the build is cancelled in Drone, and when the service is killed meanwhile. The forge and Drone
# are stand-ins on the same machine.
{ module }:
{
  name = "cc-ci-bridge";
  nodes.machine =
    {
      config,
      lib,
      pkgs,
      ...
    }:
    let
      python = pkgs.python3.withPackages (packages: [ packages.pyyaml ]);
      programs = lib.fileset.toSource {
        root = ../support;
        fileset = lib.fileset.unions [
          ../support/ask
          ../support/drone_runner.py
          ../support/drone_stand_in
          ../support/exec_engine.py
          ../support/gitea_git.py
          ../support/gitea_hooks.py
          ../support/gitea_shapes.py
          ../support/gitea_stand_in
          ../support/stand_in.py
        ];
      };
      standIn = name: port: {
        wantedBy = [ "multi-user.target" ];
        path = [ config.services.cc-ci.package ];
        serviceConfig.ExecStart = "${python}/bin/python3 ${programs}/${name} --port ${toString port}";
      };
      # Not where systemd would look for a store path: a file of the host.
      secret = text: { inherit text; };
    in
    {
      imports = [ (import ./common.nix { inherit module; }) ];

      services.cc-ci = {
        settings = {
          forge = "http://127.0.0.1:3001";
          drone_server = "http://127.0.0.1:3002";
          drone_token_file = "/etc/run-drone-token";
          drone_poll = "1s";
        };
        bridge = {
          enable = true;
          repositories = [ "recipes/shop" ];
          organization = "coop";
          droneRepository = "ops/recipe-ci";
          poll = "1h";
          forgeTokenFile = "/etc/bridge-forge-token";
          droneTokenFile = "/etc/bridge-drone-token";
          webhookSecretFile = "/etc/bridge-webhook";
        };
        dashboard = {
          enable = true;
          url = "https://ci.example.net";
        };
      };

      environment = {
        etc = {
          run-drone-token = secret "of-reader";
          bridge-forge-token = secret "of-bot";
          bridge-drone-token = secret "of-bot";
          bridge-webhook = secret "of both";
        };
        systemPackages = [
          (pkgs.writeShellScriptBin "ask" ''exec ${python}/bin/python3 ${programs}/ask "$@"'')
        ];
      };

      systemd.services.gitea-stand-in = standIn "gitea_stand_in" 3001;
      systemd.services.drone-stand-in = standIn "drone_stand_in" 3002;
    };
  testScript = builtins.readFile ./bridge.py;
}
