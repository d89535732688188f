# What the project's Nix files make of the configurations in ./configurations.nix, of the stories in
# tests/nixos, and of the flake. With the lib at NIXPKGS_LIB if that is set, and else with the stand-in.
# The path `packages` is where packages are taken to be.
{
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
  host = import ./stand-in/host.nix { inherit lib pkgs; };
  modules = [
    ../../nix/module.nix
    ../../nix/drone-runner.nix
  ];

  isOurs =
    option: lib.any (file: lib.hasPrefix (toString ../../nix) (toString file)) option.declarations;
  ours =
    tree:
    if lib.isOption tree then isOurs tree else lib.any ours (lib.attrValues tree);

  flake = import ../../flake.nix;
  self = flake.outputs {
    inherit self;
    nixpkgs = {
      inherit lib;
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (_: pkgs);
    };
  };
  stories = lib.mapAttrs (_: check: check.machines) (
    lib.filterAttrs (_: check: check ? machines) self.checks.x86_64-linux
  );
in
{
  packages = pkgs.names;

  # By name: null for one that is right, or what its error says.
  expected = lib.mapAttrs (_: one: one.says or null) configurations;
  hosts = lib.mapAttrs (_: one: host (modules ++ [ one.configuration ])) configurations;

  inputs = flake.inputs;
  # All that is not a file of a module is what a command of `nix` would build or run.
  outputs = lib.mapAttrs (
    _: systems: lib.mapAttrs (_: lib.mapAttrs (_: output: output.program or output.about)) systems
  ) {
    inherit (self) packages checks apps devShells;
    formatter = lib.mapAttrs (_: output: { default = output; }) self.formatter;
  };
  # By name, the machines of each.
  inherit stories;
  actors = lib.mapAttrs (_: lib.attrNames) stories;

  # Of the modules only, and not of what stands in for NixOS.
  options = import ../../nix/options.nix {
    inherit lib;
    options = lib.mapAttrs (
      _: lib.filterAttrs (_: entry: !lib.isOption entry && ours entry)
    ) { inherit ((host modules).options) services; };
  };
}
