# pkgs.formats.json: the type of what can be written as JSON, and the file of it.
{ lib, writeText }:
let
  inherit (lib) types;
  value =
    types.nullOr (
      types.oneOf [
        types.bool
        types.int
        types.float
        types.str
        types.path
        (types.attrsOf value)
        (types.listOf value)
      ]
    )
    // {
      description = "JSON value";
    };
in
{
  type = value;
  generate = name: content: writeText name (builtins.toJSON content);
}
