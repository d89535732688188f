# The project's modules in a configuration of ./configurations.nix: what it asserts, and, if that
# holds, what a system would be made of. With the lib at NIXPKGS_LIB if that is set, and else with
# the stand-in. The path `packages` is where packages are taken to be.
{
  name ? "default",
  packages ? "/packages",
}:
let
  given = builtins.getEnv "NIXPKGS_LIB";
  lib = import (if given == "" then ./stand-in/lib.nix else /. + given);

  pkgs = import ./stand-in/pkgs.nix {
    inherit lib;
    root = packages;
  };

  configurations = import ./configurations.nix { inherit lib; };
  evaluated = lib.evalModules {
    modules = [
      ./stand-in/nixos.nix
      { _module.args = { inherit pkgs; }; }
      ../../nix/module.nix
      ../../nix/drone-runner.nix
      configurations.${name}.configuration
    ];
  };
  inherit (evaluated) config options;

  position = builtins.unsafeGetAttrPos "message";
in
{
  packages = pkgs.names;

  # By name: null for one that is right, or what its error says.
  expected = lib.mapAttrs (_: one: one.says or null) configurations;

  assertions = map (assertion: {
    holds = assertion.assertion;
    inherit (assertion) message;
    at = "${(position assertion).file}:${toString (position assertion).line}";
  }) config.assertions;

  system = {
    inherit (config) warnings;
    units = config.systemd.units;
    files = config.build.files;
    etc = lib.mapAttrs (_: entry: "${entry.source}") config.environment.etc;
    packages = map (package: "${package}") config.environment.systemPackages;
    users = config.users.users;
  };

  inherit options lib;
}
