# A value as a message and the words of a type have it.
{ lib }:
let
  show =
    value:
    if builtins.isPath value then
      toString value
    else if lib.isList value then
      if value == [ ] then "[ ]" else "[ ${lib.concatMapStringsSep " " show value} ]"
    else if lib.isFunction value then
      "<function>"
    else if !lib.isAttrs value then
      builtins.toJSON value
    else if lib.isDerivation value then
      "<derivation ${value.name}>"
    else if value == { } then
      "{ }"
    else
      "{ ${lib.concatStringsSep " " (lib.mapAttrsToList (name: inner: "${name} = ${show inner};") value)} }";
in
show
