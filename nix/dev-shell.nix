{
  mkShell,
  cc-ci,
  ccache,
  clang-tools,
  docker,
  gdb,
  restic,
  spin,
  systemd,
  valgrind,
}:

mkShell {
  inputsFrom = [ cc-ci ];
  packages = [
    ccache
    clang-tools
    docker
    gdb
    restic
    spin
    systemd
    valgrind
  ]
  ++ cc-ci.checkInputs
  ++ cc-ci.nativeCheckInputs;
}
