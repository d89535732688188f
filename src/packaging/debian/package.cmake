# `cpack -G DEB`: the package of what `cmake --install` installs.
set(CCCI_MAINTAINER "cc-ci contributors <cc-ci@localhost>" CACHE STRING
  "Whom the Debian package names as its maintainer")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME cc-ci)
set(CPACK_PACKAGE_CONTACT "${CCCI_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "CI runs that deploy real applications, and never leak one")
set(CPACK_PACKAGE_DESCRIPTION
"cc-ci runs CI jobs that deploy applications on a shared host with Docker
Swarm and the Drone exec runner, several at a time. Whatever becomes of a job,
of its step or of the CI system, the application is torn down, the next run of
the same application waits for that, and the exit code tells what happened.")
set(CPACK_STRIP_FILES ON)

# With DESTDIR the rules of installation see the prefix that the files will have.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/layout.cmake)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "docker.io | docker-ce, git")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS restic)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_LIST_DIR}/postinst ${CMAKE_CURRENT_LIST_DIR}/prerm ${CMAKE_CURRENT_LIST_DIR}/postrm)
include(CPack)
