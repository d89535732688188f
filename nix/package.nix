{
  lib,
  stdenv,
  cmake,
  ninja,
  pkg-config,
  lowdown,
  cli11,
  curl,
  fmt,
  httplib,
  nettle,
  nlohmann_json,
  pugixml,
  sdbus-cpp_2,
  spdlog,
  systemdLibs,
  yaml-cpp,
  findutils,
  git,
  gnutar,
  gtest,
  python3,
  restic,
  util-linux,
}:

let
  # The one place that says which version this is.
  version = lib.head (
    builtins.match ".*project\\(cc-ci VERSION ([0-9.]+) .*" (builtins.readFile ../CMakeLists.txt)
  );
in
stdenv.mkDerivation (finalAttrs: {
  pname = "cc-ci";
  inherit version;

  # What is built, and what its tests read: a change of anything else builds nothing anew.
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../CMakeLists.txt
      ../LICENSE
      ../README.md
      ../docs
      ../src
      ../tests
    ];
  };

  nativeBuildInputs = [
    cmake
    ninja
    pkg-config
    lowdown
  ];

  buildInputs = [
    cli11
    curl
    fmt
    httplib
    nettle
    nlohmann_json
    pugixml
    sdbus-cpp_2
    spdlog
    systemdLibs
    yaml-cpp
  ];

  checkInputs = [ gtest ];

  nativeCheckInputs = [
    findutils
    git
    gnutar
    (python3.withPackages (packages: [ packages.pyyaml ]))
    restic
    util-linux
  ];

  cmakeFlags = [
    (lib.cmakeBool "CCCI_TESTS" finalAttrs.doCheck)
    (lib.cmakeFeature "CCCI_MAN" "ON")
    # A new compiler's new warning is ours to mend and no reason for a host not to be built.
    (lib.cmakeBool "CCCI_WERROR" false)
    # They boot a systemd of their own, for which a builder has not the rights; the virtual machines
    # of the flake's checks have.
    (lib.cmakeBool "CCCI_SANDBOX_TESTS" false)
    (lib.cmakeBool "CCCI_SWARM_TESTS" false)
    (lib.cmakeBool "CCCI_VM_TESTS" false)
    (lib.cmakeBool "CCCI_BROWSER_TESTS" false)
    (lib.cmakeBool "CCCI_MODEL_TESTS" false)
    # A quarter of the time.
    (lib.cmakeBool "CMAKE_UNITY_BUILD" true)
    (lib.cmakeFeature "CMAKE_UNITY_BUILD_BATCH_SIZE" "0")
  ];

  doCheck = stdenv.buildPlatform.canExecute stdenv.hostPlatform;

  postPatch = ''
    patchShebangs tests
  '';

  checkPhase = ''
    runHook preCheck
    # `install` is about Debian's places, and `nix` evaluates what this is built from.
    ctest --label-regex 'pure|kernel' --exclude-regex '^(install|nix|nix_options)$' --output-on-failure --parallel "$NIX_BUILD_CORES"
    runHook postCheck
  '';

  meta = {
    description = "CI runs that deploy real applications on a shared host and never leak one";
    longDescription = ''
      Each run is a transient systemd unit with a hard deadline and a lock on its domain that the
      kernel releases when the unit ends; whatever becomes of the job, the application is torn down.
    '';
    license = lib.licenses.mit;
    platforms = lib.platforms.linux;
    mainProgram = "cc-ci";
  };
})
