# The module system: options are declared and defined in modules, and each option's definitions are
# merged by its type.
{ lib }:
let
  inherit (builtins)
    attrNames concatMap filter foldl' functionArgs genericClosure head isAttrs isFunction length map
    mapAttrs removeAttrs sort tail toString
    ;

  showValue = import ./show-value.nix { inherit lib; };

  isKind = kind: value: isAttrs value && value._type or "" == kind;
  isOption = isKind "option";

  defaultPriority = 100;
  optionDefaultPriority = 1500;
  defaultOrder = 1000;

  # The definitions in one with mkIf or mkMerge around it. What has a priority or an order is looked
  # into only when it has won.
  discharge =
    def:
    let
      inner = content: discharge (def // { value = content; });
    in
    if isKind "merge" def.value then
      concatMap inner def.value.contents
    else if isKind "if" def.value then
      if !builtins.isBool def.value.condition then
        throw "In `${def.file}': the condition of a mkIf is not a boolean"
      else if def.value.condition then
        inner def.value.content
      else
        [ ]
    else
      [ def ];

  # An attribute set with properties around it, as sets whose members have them.
  pushDown =
    def:
    let
      inner = content: pushDown (def // { value = content; });
      around =
        property: content:
        map (plain: plain // { value = mapAttrs (_: property) plain.value; }) (inner content);
    in
    if isKind "merge" def.value then
      concatMap inner def.value.contents
    else if isKind "if" def.value then
      around (lib.mkIf def.value.condition) def.value.content
    else if isKind "override" def.value then
      around (lib.mkOverride def.value.priority) def.value.content
    else
      [ def ];

  at =
    name: defs:
    concatMap (def: if def.value ? ${name} then [ (def // { value = def.value.${name}; }) ] else [ ]) defs;

  namesOf = sets: attrNames (foldl' (all: set: all // set) { } sets);

  # A module in its long form, from a path, a function, or a set in the short or the long form.
  normalise =
    args: file: module:
    if builtins.isPath module || builtins.isString module then
      normalise args (toString module) (import module) // { key = toString module; }
    else if isFunction module then
      normalise args file (
        module (args // mapAttrs (name: _: args.${name} or args.config._module.args.${name}) (functionArgs module))
      )
    else
      longForm (module._file or file) module;

  longForm =
    file: module:
    let
      isLong = module ? config || module ? options;
      rest = removeAttrs module [ "imports" "options" "config" "freeformType" "_file" "key" ];
      define = value: { inherit file value; };
    in
    if isLong && rest != { } then
      throw "Module `${file}' has an unsupported attribute `${head (attrNames rest)}'."
    else
      {
        inherit file;
        key = module.key or null;
        imports = module.imports or [ ];
        options = module.options or { };
        config = [ (define (if isLong then module.config or { } else rest)) ]
          ++ (if module ? freeformType then [ (define { _module = { inherit (module) freeformType; }; }) ] else [ ]);
      };

  # All modules and what they import, each file once.
  collect =
    args: modules:
    let
      node = parent: file: number: module: rec {
        content = normalise args file module;
        key = if content.key != null then content.key else "${parent}.${toString number}";
      };
      nodes = parent: file: lib.imap1 (node parent file);
    in
    map (found: found.content) (genericClosure {
      startSet = nodes "" "<unknown-file>" modules;
      operator = found: nodes found.key found.content.file found.content.imports;
    });

  # The declarations of all modules as one tree.
  declare =
    prefix: declarations:
    builtins.listToAttrs (map (
      name:
      let
        here = at name declarations;
        loc = prefix ++ [ name ];
        options = filter (declaration: isOption declaration.value) here;
      in
      {
        inherit name;
        value =
          if options == [ ] then
            declare loc here
          else if length here > 1 then
            throw "The option `${lib.showOption loc}' in `${(head (tail here)).file}' is already declared in `${(head here).file}'."
          else
            (head options).value // { inherit loc; declarations = [ (head options).file ]; };
      }
    ) (namesOf (map (declaration: declaration.value) declarations)));

  showDefinitions =
    defs:
    builtins.concatStringsSep "" (map (def: "\n- In `${def.file}': ${showValue def.value}") defs);

  mergeDefinitions =
    loc: type: defs:
    let
      property =
        kind: field: default: def:
        if isKind kind def.value then def.value.${field} else default;
      strip =
        kind: def:
        if isKind kind def.value then def // { value = def.value.content; } else def;

      plain = concatMap discharge defs;
      priority = property "override" "priority" defaultPriority;
      highest = foldl' (least: def: lib.min least (priority def)) 9999 plain;
      strongest = map (strip "override") (filter (def: priority def == highest) plain);
      order = property "order" "order" defaultOrder;
      winning = map (strip "order") (sort (a: b: order a < order b) strongest);
      wrong = filter (def: !type.check def.value) winning;
    in
    {
      isDefined = winning != [ ];
      value =
        if winning == [ ] then
          type.emptyValue or (throw "The option `${lib.showOption loc}' was accessed but has no value defined. Try setting the option.")
        else if wrong != [ ] then
          throw "A definition for option `${lib.showOption loc}' is not of type `${type.description}'. Definition values:${showDefinitions wrong}"
        else
          type.merge loc winning;
    };

  evalOption =
    option: defs:
    let
      inherit (option) loc;
      type = option.type or lib.types.unspecified;
      default = lib.optional (option ? default) {
        file = head option.declarations;
        value = lib.mkOptionDefault option.default;
      };
      merged = mergeDefinitions loc type (default ++ defs);
    in
    option
    // {
      inherit type;
      inherit (merged) isDefined;
      value =
        if option.readOnly or false && length (default ++ defs) > 1 then
          throw "The option `${lib.showOption loc}' is read-only, but it's set multiple times. Definition values:${showDefinitions defs}"
        else
          (option.apply or (value: value)) merged.value;
    };

  # Options with their values, and the definitions that belong to none.
  match =
    declared: defs:
    let
      below = name: concatMap pushDown (at name defs);
      subtrees = filter (name: !isOption declared.${name}) (attrNames declared);
      inner = lib.genAttrs subtrees (name: match declared.${name} (below name));
    in
    {
      options = mapAttrs (
        name: option: if isOption option then evalOption option (at name defs) else inner.${name}.options
      ) declared;
      unmatched =
        concatMap (
          def:
          map (name: def // { path = [ name ]; value = def.value.${name}; }) (
            filter (name: !(declared ? ${name})) (attrNames def.value)
          )
        ) defs
        ++ concatMap (
          name: map (def: def // { path = [ name ] ++ def.path; }) inner.${name}.unmatched
        ) subtrees;
    };

  values = mapAttrs (_: option: if isOption option then option.value else values option);

  own = {
    _file = "the module system";
    options._module = {
      args = lib.mkOption { type = lib.types.attrsOf lib.types.raw; default = { }; internal = true; };
      freeformType = lib.mkOption { type = lib.types.raw; default = null; internal = true; };
    };
  };
in
{
  internal = { inherit mergeDefinitions pushDown showDefinitions showValue; };

  inherit isOption;

  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOptionDefault = lib.mkOverride optionDefaultPriority;
  mkDefault = lib.mkOverride 1000;
  mkForce = lib.mkOverride 50;
  mkOrder = order: content: { _type = "order"; inherit order content; };
  mkBefore = lib.mkOrder 500;
  mkAfter = lib.mkOrder 1500;

  # Merges modules into { config; options; }. What they define without declaring it is an error,
  # unless freeformType takes it.
  evalModules =
    { modules, specialArgs ? { }, prefix ? [ ] }:
    let
      args = specialArgs // { inherit lib config options; };
      collected = collect args ([ own ] ++ modules);
      declared = declare prefix (map (module: { inherit (module) file; value = module.options; }) collected);
      # What is defined last comes first.
      defs = concatMap (module: concatMap pushDown module.config) (lib.reverseList collected);
      matched = match declared defs;
      inherit (matched) options;

      structured = values options;
      inherit (structured._module) freeformType;
      free = mergeDefinitions prefix freeformType (
        map (def: def // { value = lib.setAttrByPath def.path def.value; }) matched.unmatched
      );
      config =
        if freeformType == null || matched.unmatched == [ ] then
          structured
        else
          lib.recursiveUpdate free.value structured;

      stray = head matched.unmatched;
      strayAt = lib.showOption (prefix ++ stray.path);
    in
    {
      inherit freeformType;
      options = removeAttrs options [ "_module" ];
      config =
        if freeformType == null && matched.unmatched != [ ] then
          throw "The option `${strayAt}' does not exist. Definition values:${showDefinitions [ stray ]}"
        else
          removeAttrs config [ "_module" ];
    };
}
