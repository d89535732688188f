#!/bin/zsh -f
# complete.zsh SCRIPT FIFO LINE...: prints what each line is after the completion key, in a zsh at a
# terminal.
zmodload zsh/zpty
export SCRIPT=$1 FIFO=$2
shift 2
export TYPED=${(F)@}
inner() {
  autoload -Uz compinit
  compinit -D -u
  source $SCRIPT
  complete-each() {
    for BUFFER in ${(f)TYPED}; do
      CURSOR=$#BUFFER
      zle complete-word
      print -r -- "${BUFFER% }"
    done >$FIFO
    exit
  }
  zle -N zle-line-init complete-each
}
zpty shell 'zsh -f -i'
zpty -w shell "$functions[inner]"
cat $FIFO
