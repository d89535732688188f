# A host that modules make: what it asserts, and, if that holds, what a system would be made of.
{ lib, pkgs }:
modules:
let
  evaluated = lib.evalModules {
    modules = [
      ./nixos.nix
      { _module.args = { inherit pkgs; }; }
    ]
    ++ modules;
  };
  inherit (evaluated) config options;

  position = builtins.unsafeGetAttrPos "message";
in
{
  inherit options;

  assertions = map (assertion: {
    holds = assertion.assertion;
    inherit (assertion) message;
    at = "${(position assertion).file}:${toString (position assertion).line}";
  }) config.assertions;

  system = {
    inherit (config) warnings;
    inherit (config.systemd) units;
    inherit (config.build) files;
    inherit (config.users) users;
    etc = lib.mapAttrs (
      name: entry:
      if entry.source != null then "${entry.source}" else "${pkgs.writeText (baseNameOf name) entry.text}"
    ) config.environment.etc;
    packages = map (package: "${package}") config.environment.systemPackages;
  };
}
