# What Debian wants otherwise than `cmake --install` has it; cpack includes this before it packs.
set(share "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share")
set(doc "${share}/doc/cc-ci")

# /usr/share/zsh/site-functions is not in the path of Debian's zsh.
file(MAKE_DIRECTORY "${share}/zsh/vendor-completions")
file(RENAME "${share}/zsh/site-functions/_cc-ci" "${share}/zsh/vendor-completions/_cc-ci")
file(REMOVE_RECURSE "${share}/zsh/site-functions")

file(MAKE_DIRECTORY "${doc}/examples")
file(RENAME "${doc}/config.json" "${doc}/examples/config.json")
file(COPY_FILE "${CMAKE_CURRENT_LIST_DIR}/copyright" "${doc}/copyright")

string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC) # or SOURCE_DATE_EPOCH
file(WRITE "${doc}/changelog"
"cc-ci (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * Built from the source of this version.

 -- ${CPACK_PACKAGE_CONTACT}  ${now}
")
file(CHMOD "${doc}/changelog" "${doc}/copyright" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
file(GLOB texts "${share}/man/man*/*" "${doc}/changelog")
execute_process(COMMAND gzip --best --no-name --force ${texts} COMMAND_ERROR_IS_FATAL ANY)
