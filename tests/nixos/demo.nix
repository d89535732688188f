# The main job: recipes are deployed to a Swarm, two at a time, cancelled and killed, and nothing is
# left. It is the demo of the project, on a machine of its own.
{ module }:
{
  name = "cc-ci-demo";
  nodes.machine =
    { pkgs, ... }:
    let
      scripts = pkgs.runCommand "cc-ci-demo-scripts" { } ''
        mkdir -p $out/tests/sandbox
        cp ${../demo} $out/tests/demo
        cp ${../sandbox/make-image} $out/tests/sandbox/make-image
        cp -r ${../recipes} $out/tests/recipes
        chmod -R u+w $out
        patchShebangs $out/tests/demo $out/tests/sandbox $out/tests/recipes/make-repositories
      '';
    in
    {
      imports = [ module ];
      virtualisation = {
        docker = {
          enable = true;
          liveRestore = false;
        };
        memorySize = 2048;
        diskSize = 4096;
      };
      services.cc-ci = {
        enable = true;
        swarm.init = true;
        settings = {
          base_domain = "ci.example.net";
          resolve_image = "never";
          health_url = "http://127.0.0.1:{published_port}/";
        };
      };
      environment.systemPackages = [
        pkgs.git
        pkgs.procps
      ];
      environment.variables.CCCI_BUSYBOX = "${pkgs.pkgsStatic.busybox}/bin/busybox";
      environment.etc."cc-ci-demo".source = scripts;
    };
  testScript = builtins.readFile ./demo.py;
}
