# The types of options: what they accept, how they merge, and their names in words.
{ lib, internal }:
let
  inherit (builtins)
    all attrNames concatMap concatStringsSep elem filter foldl' head isAttrs isBool isFloat isFunction
    isInt isList isPath isString length listToAttrs map match substring tail toString
    ;

  type =
    fields:
    {
      descriptionClass = null;
      check = _: true;
      merge = mergeEqual;
      getSubOptions = _: { };
    }
    // fields;

  noun = name: description: check: type { inherit name description check; descriptionClass = "noun"; };

  # The words of a type inside of those of another one, in parentheses unless of a kind that needs none.
  words =
    kinds: inner:
    if elem inner.descriptionClass kinds then inner.description else "(${inner.description})";

  mergeEqual =
    loc: defs:
    if all (def: def.value == (head defs).value) (tail defs) then
      (head defs).value
    else
      throw "The option `${lib.showOption loc}' has conflicting definition values:${showDefinitions defs}";

  mergeOne =
    loc: defs:
    if length defs == 1 then
      (head defs).value
    else
      throw "The option `${lib.showOption loc}' is defined multiple times while it's expected to be unique.${showDefinitions defs}";

  isStringLike = value: isString value || isPath value || (isAttrs value && value ? outPath);

  inherit (internal) mergeDefinitions pushDown showDefinitions showValue;

  submodule =
    module:
    let
      modules = lib.toList module;
      evaluate =
        loc: defs:
        lib.evalModules {
          prefix = loc;
          modules = [
            { _module.args.name = lib.mkOptionDefault (lib.last loc); }
          ]
          ++ modules
          ++ map (
            def:
            if isAttrs def.value then
              { _file = def.file; config = def.value; }
            else
              { _file = def.file; imports = [ def.value ]; }
          ) defs;
        };
      inherit (lib.evalModules { inherit modules; }) freeformType;
    in
    type {
      name = "submodule";
      description =
        if freeformType == null then
          "submodule"
        else
          "open submodule of ${words [ "noun" "composite" ] freeformType}";
      check = value: isAttrs value || isFunction value || isPath value;
      merge = loc: defs: (evaluate loc defs).config;
      emptyValue = { };
      getSubOptions = prefix: (evaluate prefix [ ]).options;
    };
in
rec {
  raw = type { name = "raw"; description = "raw value"; descriptionClass = "noun"; merge = mergeOne; };
  unspecified = type { name = "unspecified"; description = "unspecified value"; descriptionClass = "noun"; };
  anything = type { name = "anything"; description = "anything"; descriptionClass = "noun"; };
  bool = noun "bool" "boolean" isBool;
  int = noun "int" "signed integer" isInt;
  float = noun "float" "floating point number" isFloat;
  str = noun "str" "string" isString;
  path = noun "path" "absolute path" (
    value: isStringLike value && substring 0 1 (toString value) == "/"
  );
  package = noun "package" "package" lib.isDerivation // { merge = mergeOne; };

  lines = type {
    name = "separatedString";
    description = ''strings concatenated with "\n"'';
    descriptionClass = "noun";
    check = isString;
    merge = _: defs: concatStringsSep "\n" (map (def: def.value) defs);
  };

  strMatching =
    pattern:
    type {
      name = "strMatching";
      description = "string matching the pattern ${pattern}";
      descriptionClass = "noun";
      check = value: isString value && match pattern value != null;
    };

  ints = {
    positive = type {
      name = "positiveInt";
      description = "positive integer, meaning >0";
      descriptionClass = "nonRestrictiveClause";
      check = value: isInt value && value > 0;
    };
    unsigned = type {
      name = "unsignedInt";
      description = "unsigned integer, meaning >=0";
      descriptionClass = "nonRestrictiveClause";
      check = value: isInt value && value >= 0;
    };
    between =
      lowest: highest:
      noun "intBetween"
        "integer between ${toString lowest} and ${toString highest} (both inclusive)"
        (value: isInt value && value >= lowest && value <= highest);
  };

  port = noun "unsignedInt16" "16 bit unsigned integer; between 0 and 65535 (both inclusive)" (
    value: isInt value && value >= 0 && value <= 65535
  );

  enum =
    choices:
    type {
      name = "enum";
      description =
        if length choices == 1 then
          "value ${showValue (head choices)} (singular enum)"
        else
          "one of ${concatStringsSep ", " (map showValue choices)}";
      descriptionClass = if length choices < 2 then "noun" else "conjunction";
      check = value: elem value choices;
    };

  nullOr =
    inner:
    type {
      name = "nullOr";
      description = "null or ${words [ "noun" "conjunction" ] inner}";
      descriptionClass = "conjunction";
      check = value: value == null || inner.check value;
      merge =
        loc: defs:
        let
          set = filter (def: def.value != null) defs;
        in
        if set == [ ] then
          null
        else if length set < length defs then
          throw "The option `${lib.showOption loc}` is defined both null and not null.${showDefinitions defs}"
        else
          inner.merge loc defs;
      emptyValue = null;
      inherit (inner) getSubOptions;
    };

  either =
    one: other:
    type {
      name = "either";
      description =
        if one.descriptionClass == "nonRestrictiveClause" then
          "${one.description}, or ${words [ "noun" "conjunction" ] other}"
        else
          "${words [ "noun" "conjunction" ] one} or ${words [ "noun" "conjunction" "composite" ] other}";
      descriptionClass = "conjunction";
      check = value: one.check value || other.check value;
      merge =
        loc: defs:
        if all (def: one.check def.value) defs then
          one.merge loc defs
        else if all (def: other.check def.value) defs then
          other.merge loc defs
        else
          mergeEqual loc defs;
    };

  oneOf = types: foldl' either (head types) (tail types);

  listOf =
    inner:
    type {
      name = "listOf";
      description = "list of ${words [ "noun" "composite" ] inner}";
      descriptionClass = "composite";
      check = isList;
      merge =
        loc: defs:
        concatMap (entry: if entry.isDefined then [ entry.value ] else [ ]) (
          lib.concatLists (
            lib.imap1 (
              n: def:
              lib.imap1 (
                m: value:
                mergeDefinitions (loc ++ [ "[definition ${toString n}-entry ${toString m}]" ]) inner [
                  { inherit (def) file; inherit value; }
                ]
              ) def.value
            ) defs
          )
        );
      emptyValue = [ ];
      getSubOptions = prefix: inner.getSubOptions (prefix ++ [ "*" ]);
    };

  attrsOf =
    inner:
    type {
      name = "attrsOf";
      description = "attribute set of ${words [ "noun" "composite" ] inner}";
      descriptionClass = "composite";
      check = isAttrs;
      merge =
        loc: defs:
        let
          pushed = concatMap pushDown defs;
          names = attrNames (foldl' (sum: def: sum // def.value) { } pushed);
          entry =
            name:
            mergeDefinitions (loc ++ [ name ]) inner (
              concatMap (
                def:
                if def.value ? ${name} then [ { inherit (def) file; value = def.value.${name}; } ] else [ ]
              ) pushed
            );
        in
        listToAttrs (
          concatMap (
            name: if (entry name).isDefined then [ { inherit name; inherit (entry name) value; } ] else [ ]
          ) names
        );
      emptyValue = { };
      getSubOptions = prefix: inner.getSubOptions (prefix ++ [ "<name>" ]);
    };

  inherit submodule;
}
