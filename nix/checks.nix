{ pkgs, module }:

let
  inherit (pkgs) lib;

  # Sources with what says how they are to look.
  tree = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../.clang-format
      ../.clang-tidy
      ../CMakeLists.txt
      ../src
      ../tests
    ];
  };

  stories = lib.filter (file: lib.hasSuffix ".nix" file && file != "common.nix") (
    lib.attrNames (builtins.readDir ../tests/nixos)
  );

  virtualMachine = file: {
    name = "vm-${lib.removeSuffix ".nix" file}";
    value = pkgs.testers.runNixOSTest (import (../tests/nixos + "/${file}") { inherit module; });
  };
in
lib.listToAttrs (map virtualMachine stories)
// {
  package = pkgs.cc-ci;

  sanitizers = pkgs.cc-ci.overrideAttrs (old: {
    pname = "cc-ci-sanitized";
    cmakeFlags = old.cmakeFlags ++ [ (lib.cmakeFeature "CCCI_SANITIZE" "address,undefined") ];
    cmakeBuildType = "Debug";
    # The sanitizers bring what these would.
    hardeningDisable = [ "fortify" ];
  });

  clang-tidy = pkgs.cc-ci.overrideAttrs (old: {
    pname = "cc-ci-clang-tidy";
    src = tree;
    nativeBuildInputs = old.nativeBuildInputs ++ [ pkgs.clang-tools ];
    buildPhase = ''
      runHook preBuild
      find ../src -name '*.cpp' -print0 |
        xargs --null --max-procs="$NIX_BUILD_CORES" --max-args=4 clang-tidy -p . --quiet
      runHook postBuild
    '';
    doCheck = false;
    installPhase = "touch $out";
  });

  format = pkgs.runCommand "cc-ci-format" { nativeBuildInputs = [ pkgs.clang-tools ]; } ''
    cd ${tree}
    find src tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
      xargs --null clang-format --dry-run --Werror
    touch $out
  '';
}
