#!/bin/zsh -f
# describe.zsh SCRIPT FIFO LINE: prints what a zsh at a terminal lists when LINE is to be completed.
# What is to be listed goes through compadd, which tells it here.
zmodload zsh/zpty
export SCRIPT=$1 FIFO=$2 TYPED=$3
inner() {
  autoload -Uz compinit
  compinit -D -u
  source $SCRIPT
  compadd() {
    local at=${@[(I)-*d]}
    (( at > 0 )) && print -rl -- "${(P)@[at+1]}" >>$FIFO
    builtin compadd "$@"
  }
  look() {
    BUFFER=$TYPED
    CURSOR=$#BUFFER
    zle list-choices
    exit
  }
  zle -N zle-line-init look
}
zpty shell 'zsh -f -i'
zpty -w shell "$functions[inner]"
cat $FIFO
