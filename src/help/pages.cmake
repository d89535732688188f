# Puts the pages of docs/cli into the program.

include(${CMAKE_CURRENT_LIST_DIR}/read_page.cmake)
file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/cli/*.md)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${pages})
list(FILTER pages EXCLUDE REGEX "-of-a-run\\.md$")
set(texts "")
foreach(page IN LISTS pages)
  ccci_read_page(text ${page})
  string(APPEND texts "    R\"~~~(${text})~~~\",\n")
endforeach()
configure_file(${CMAKE_CURRENT_LIST_DIR}/page_texts.hpp.in
  ${CMAKE_CURRENT_BINARY_DIR}/generated/help/page_texts.hpp @ONLY)
