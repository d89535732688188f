# cmake -DPAGE=<file> -DNAME=<name> -DSECTION=<n> -DVERSION=<v> -DLOWDOWN=<program> -DOUTPUT=<file>
#       -P man_page.cmake
#
# Makes a man page of a page of docs/cli or docs/man.

include(${CMAKE_CURRENT_LIST_DIR}/../help/read_page.cmake)
ccci_read_page(text ${PAGE})

# What man expects at the top, and headings in capitals.
string(REGEX MATCH "^# [^\n]*\n\n([^\n]*)\\.\n" top "${text}")
if(top STREQUAL "")
  message(FATAL_ERROR "${PAGE}: does not begin with a title and a sentence")
endif()
string(SUBSTRING "${CMAKE_MATCH_1}" 0 1 first)
string(SUBSTRING "${CMAKE_MATCH_1}" 1 -1 rest)
string(TOLOWER "${first}" first)
string(REPLACE "`" "" rest "${rest}")
string(REPLACE "${top}" "# NAME\n\n${NAME} - ${first}${rest}\n" text "${text}")
string(REPLACE "\n## Usage\n" "\n# SYNOPSIS\n" text "${text}")
while(text MATCHES "\n## ([^\n]*)\n")
  string(TOUPPER "${CMAKE_MATCH_1}" heading)
  string(REPLACE "${CMAKE_MATCH_0}" "\n# ${heading}\n" text "${text}")
endwhile()

# Links lead nowhere there. An entry of a list is a definition.
string(REGEX REPLACE "\\[(`[^]`]*`)\\]\\([^)\n]*\\)" "\\1" text "${text}")
string(REGEX REPLACE "\\[([^]]*)\\]\\([^)\n]*\\)" "**\\1**" text "${text}")
string(REGEX REPLACE "\n- ([^\n]*):\n  " "\n\n\\1\n: " text "${text}")

file(WRITE ${OUTPUT}.md "${text}")
string(TIMESTAMP today "%Y-%m-%d" UTC)
set(volume_1 "General Commands Manual")
set(volume_5 "File Formats Manual")
string(TOUPPER "${NAME}" title)
execute_process(
  COMMAND ${LOWDOWN} -s -t man -M title=${title} -M section=${SECTION} -M date=${today}
    -M "source=cc-ci ${VERSION}" -M "volume=${volume_${SECTION}}" ${OUTPUT}.md
  OUTPUT_VARIABLE roff COMMAND_ERROR_IS_FATAL ANY)

# Code is bold, and the value of an option is italic: a terminal has no other font. An entry is a
# tagged paragraph, as searches in man pages expect it. A hyphen is one that can be copied, and no
# name gets another one at the end of a line.
set(code "\\\\f(C|\\(C[RW]|\\[C[RW]?\\])")
string(REGEX REPLACE "${code}(--?[a-z-]+) ([^\\\n]+)\\\\f(R|P|\\[R?\\])"
  "\\\\fB\\2\\\\fR \\\\%\\\\fI\\3\\\\fR" roff "${roff}")
string(REGEX REPLACE "${code}" "\\\\%\\\\fB" roff "${roff}")
string(REPLACE "|" "|\\:" roff "${roff}")
string(REGEX REPLACE
  "\n\\.LP\n([^\n]+)\n\\.if n \\\\\n\\.sp [^\n]*\n\\.if t \\\\\n\\.sp [^\n]*\n\\.IP \"\" [^\n]*\n"
  "\n.TP 5\n\\1\n" roff "${roff}")
string(REGEX REPLACE "\n\\.TP [0-9]+" "\n.TP 5" roff "${roff}")
string(REPLACE "\\-" "-" roff "${roff}")
string(REPLACE "-" "\\-" roff "${roff}")
string(REGEX REPLACE "(\n\\.TH [^\n]*\n)" "\\1.ad l\n" roff "${roff}")
string(REGEX REPLACE "\"([0-9]+)\\\\-([0-9]+)\\\\-([0-9]+)\"" "\"\\1-\\2-\\3\"" roff "${roff}")
file(WRITE ${OUTPUT} "${roff}")
