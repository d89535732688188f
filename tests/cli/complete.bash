#!/bin/bash
# complete.bash SCRIPT WORD...: prints what bash completes the last word to, a line each. The words
# are as bash splits them, so "=" is one.
# shellcheck source=/dev/null
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_cc_ci
printf '%s\n' "${COMPREPLY[@]}"
