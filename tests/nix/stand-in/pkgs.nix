# A stand-in for the packages that the modules name, and for the few functions of nixpkgs that make
# a file. A package is a path below `root`, where the caller puts what it wants it to be.
#
# Nothing is built during evaluation. What would be built is said in a trace, one line of JSON each,
# in an order in which it can be done: { path; text; executable; } or { path; command; }.
{ lib, root }:
let
  package = name: {
    type = "derivation";
    inherit name;
    pname = name;
    outPath = "${root}/${name}";
    meta.mainProgram = name;
  };

  made =
    name: how:
    let
      path = "${root}/made-${builtins.substring 0 16 (builtins.hashString "sha256" (builtins.toJSON how))}-${name}";
    in
    package name
    // {
      outPath = builtins.trace "made: ${builtins.toJSON (how // { inherit path; })}" path;
    };
  names = [
    "abra"
    "bash"
    "cc-ci"
    "coreutils"
    "docker"
    "drone-runner-exec"
    "findutils"
    "git"
    "gnugrep"
    "gnused"
    "gnutar"
    "gzip"
    "jq"
    "openssh"
    "restic"
    "systemd"
  ];
in
lib.genAttrs names package
// {
  inherit names;

  stdenv = rec {
    hostPlatform.canExecute = _: true;
    buildPlatform = hostPlatform;
  };

  writeShellScript =
    name: text:
    made name {
      text = "#!/bin/bash\n${text}";
      executable = true;
    };

  # The only one that is used has no variables.
  runCommand = name: _: command: made name { inherit command; };

  formats.json = _: {
    type =
      let
        inherit (lib) types;
        value =
          types.nullOr (
            types.oneOf [
              types.bool
              types.int
              types.float
              types.str
              types.path
              (types.attrsOf value)
              (types.listOf value)
            ]
          )
          // {
            description = "JSON value";
          };
      in
      value;
    generate =
      name: value:
      made name {
        text = builtins.toJSON value;
        executable = false;
      };
  };
}
