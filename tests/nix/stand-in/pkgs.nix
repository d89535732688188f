# A stand-in for the packages that the project's Nix files name, and for the few functions of nixpkgs
# that make one. A package is a path below `root`, where the caller puts what it wants it to be.
#
# Nothing is built during evaluation. What would be built for a host is said in a trace, one line of
# JSON each, in an order in which it can be done: { path; text; executable; } or { path; command; }.
#
# What it does not check: that nixpkgs has these packages, and that they can be built.
{ lib, root }:
let
  # That nixpkgs calls them so was looked up by hand.
  names = [
    "abra"
    "bash"
    "ccache"
    "clang-tools"
    "cli11"
    "cmake"
    "coreutils"
    "curl"
    "docker"
    "drone-runner-exec"
    "findutils"
    "fmt"
    "gdb"
    "git"
    "gnugrep"
    "gnused"
    "gnutar"
    "gtest"
    "gzip"
    "httplib"
    "installShellFiles"
    "jq"
    "lowdown"
    "nettle"
    "ninja"
    "nixfmt-tree"
    "nlohmann_json"
    "openssh"
    "pkg-config"
    "procps"
    "pugixml"
    "python3"
    "restic"
    "sdbus-cpp_2"
    "spdlog"
    "spin"
    "systemd"
    "systemdLibs"
    "util-linux"
    "valgrind"
    "yaml-cpp"
  ];

  package =
    name: fields:
    {
      type = "derivation";
      inherit name;
      pname = name;
      outPath = "${root}/${name}";
      meta.mainProgram = name;
      # What a test can compare, with all evaluated that is said of it.
      about = name;
    }
    // fields;

  # The file of that name in what is made, which is a file itself if there is none.
  made =
    name: inside: how:
    let
      hash = builtins.hashString "sha256" (builtins.toJSON how);
      path = "${root}/made-${builtins.substring 0 16 hash}-${name}";
    in
    package name {
      outPath = builtins.trace "made: ${builtins.toJSON (how // { path = path + inside; })}" path;
      about = builtins.deepSeq how name;
    };

  script =
    name: inside: text:
    made name inside {
      text = "#!/bin/bash\n${text}";
      executable = true;
    };

  # Its fields, or a function to them from what they are in the end.
  mkDerivation =
    given:
    let
      from = if lib.isFunction given then given else _: given;
      fields = from fields;
    in
    package fields.pname fields
    // {
      outPath = "${root}/${fields.pname}";
      about = builtins.deepSeq (removeAttrs fields [ "meta" ]) fields.pname;
      overrideAttrs =
        change:
        mkDerivation (
          final:
          let
            old = from final;
          in
          old // change old
        );
    };

  canExecute = _: true;
  pythonPackages = lib.genAttrs [ "pyyaml" ] (name: package name { });

  packages = lib.genAttrs names (name: package name { }) // {
    inherit lib;

    stdenv = {
      inherit mkDerivation;
      buildPlatform = { inherit canExecute; };
      hostPlatform = {
        inherit canExecute;
        system = "x86_64-linux";
      };
    };
    # As Debian has it, what a Python comes with is where it is anyway.
    python3 = package "python3" {
      withPackages = choose: builtins.deepSeq (map (one: one.name) (choose pythonPackages)) packages.python3;
    };
    mkShell = fields: mkDerivation ({ pname = "shell"; } // fields);
    writeShellApplication = { name, text }: script name "/bin/${name}" text;
    writeShellScript = name: script name "";
    writeText =
      name: text:
      made name "" {
        inherit text;
        executable = false;
      };
    writeShellScriptBin = name: script name "/bin/${name}";

    # The variables are only for what this does not build.
    runCommand =
      name: variables: command:
      made name "" { inherit command; } // { about = builtins.deepSeq variables command; };

    formats.json = _: import ./json.nix { inherit lib; inherit (packages) writeText; };

    # The machines of the test, and the text of its script.
    testers.runNixOSTest =
      { name, nodes, testScript }:
      package name {
        machines = lib.mapAttrs (
          _: node: import ./host.nix { inherit lib; pkgs = packages; } [ node ./virtual.nix ]
        ) nodes;
        inherit testScript;
        driver = package "nixos-test-driver" { };
      };
  };

  extended =
    overlay:
    let
      all = packages // overlay all packages // {
        callPackage =
          file: arguments:
          let
            function = import file;
          in
          function (builtins.intersectAttrs (builtins.functionArgs function) all // arguments);
        pkgsStatic.busybox = package "busybox" { };
      };
    in
    all;
in
packages
// {
  inherit names;
  cc-ci = package "cc-ci" { };
  extend = extended;
}
