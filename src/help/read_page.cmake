# ccci_read_page(<variable> <file>): the text of a page of docs/cli.
#
# A line with a link to one of the pages *-of-a-run.md stands for the entries of that page: what all
# commands share that are a run is written once.
function(ccci_read_page variable file)
  file(READ ${file} text)
  get_filename_component(folder ${file} DIRECTORY)
  while(text MATCHES "\n[^\n]*\\]\\(([a-z-]+-of-a-run\\.md)\\)[^\n]*\n")
    set(line "${CMAKE_MATCH_0}")
    file(READ ${folder}/${CMAKE_MATCH_1} shared)
    string(FIND "${shared}" "\n- " first)
    string(SUBSTRING "${shared}" ${first} -1 entries)
    string(REPLACE "${line}" "${entries}" text "${text}")
  endwhile()
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()
