# Puts the files of the dashboard's pages into the program, each under a name that changes with its
# text, so that a browser may keep it for ever.

set(ccci_dashboard_assets icon.svg live.js style.css)
set(ccci_dashboard_types image/svg+xml "text/javascript\; charset=utf-8" "text/css\; charset=utf-8")
set(entries "")
foreach(name type IN ZIP_LISTS ccci_dashboard_assets ccci_dashboard_types)
  set(file ${CMAKE_CURRENT_LIST_DIR}/assets/${name})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 12 hash)
  get_filename_component(stem ${name} NAME_WE)
  get_filename_component(extension ${name} EXT)
  file(READ ${file} text)
  string(APPEND entries
    "    {\"${name}\", \"${stem}-${hash}${extension}\", \"${type}\", R\"~~~(${text})~~~\"},\n")
endforeach()
set(ccci_dashboard_entries "${entries}")
configure_file(${CMAKE_CURRENT_LIST_DIR}/asset_table.hpp.in
  ${CMAKE_CURRENT_BINARY_DIR}/generated/dashboard/asset_table.hpp @ONLY)
