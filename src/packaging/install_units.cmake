# Part of `cmake --install`: only now it is known where the program will be, since --prefix may say
# something else than the configuration of the build. Takes `sources` and `bindir`.
cmake_path(ABSOLUTE_PATH bindir BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" OUTPUT_VARIABLE program)
string(APPEND program "/cc-ci")
foreach(unit IN ITEMS cc-ci-reap.service cc-ci-reconcile.service cc-ci-prune.service
    cc-ci-metrics.service cc-ci-bridge.service cc-ci-dashboard.service)
  set(target "${CMAKE_INSTALL_PREFIX}/lib/systemd/system/${unit}")
  message(STATUS "Installing: $ENV{DESTDIR}${target}")
  configure_file("${sources}/units/${unit}.in" "$ENV{DESTDIR}${target}" @ONLY)
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${target}")
endforeach()
