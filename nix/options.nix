# Options as a list of what a reference says of each.
{ lib, options }:
let
  # A value as one would write it.
  show =
    value:
    if lib.isAttrs value && value._type or "" == "literalExpression" then
      lib.removeSuffix "\n" value.text
    else if lib.isString value then
      builtins.replaceStrings [ "\${" ] [ "\\\${" ] (builtins.toJSON value)
    else if lib.isList value then
      if value == [ ] then "[ ]" else "[ ${lib.concatMapStringsSep " " show value} ]"
    else if lib.isAttrs value then
      if value == { } then
        "{ }"
      else
        "{ ${lib.concatStringsSep " " (lib.mapAttrsToList (name: inner: "${name} = ${show inner};") value)} }"
    else
      builtins.toJSON value;

  describe = option: {
    name = lib.showOption option.loc;
    type = option.type.description;
    description = option.description or (throw "${lib.showOption option.loc} has no description");
    default =
      if option ? defaultText then
        show option.defaultText
      else if option ? default then
        show option.default
      else
        null;
    example = if option ? example then show option.example else null;
  };

  walk =
    tree:
    lib.concatLists (
      lib.mapAttrsToList (
        _: entry:
        if !lib.isOption entry then
          walk entry
        else if entry.internal or false then
          [ ]
        else
          [ (describe entry) ] ++ walk (removeAttrs (entry.type.getSubOptions entry.loc) [ "_module" ])
      ) tree
    );
in
walk options
