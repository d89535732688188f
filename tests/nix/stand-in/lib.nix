# A stand-in for the part of nixpkgs' lib that the project's modules use, for evaluation where there
# is no nixpkgs. Written for this project.
#
# What it does as the real one: merging with mkIf, mkMerge, priorities and order, defaults, types with
# their words and their errors, submodules, free forms, undeclared options.
#
# What it does not check: an option that is declared twice in compatible ways (here always an error),
# modules' `disabledModules` and `meta`, renamed and removed options, `coercedTo` and the like, and
# whether a name that is not here is in the real one. Names that are here are in the real one.
let
  inherit (builtins)
    attrNames attrValues concatStringsSep elemAt filter foldl' genList isAttrs isList length
    listToAttrs map mapAttrs match replaceStrings stringLength substring tail toJSON toString
    ;

  modules = import ./modules.nix { inherit lib; };

  lib =
    removeAttrs modules [ "internal" ]
    // {
      types = import ./types.nix {
        inherit lib;
        inherit (modules) internal;
      };

      inherit (builtins)
        all any attrNames attrValues concatLists concatMap concatStringsSep elem filter foldl' head
        isAttrs isBool isFunction isInt isList isString length listToAttrs mapAttrs match tail toJSON
        ;

      # --- options

      mkOption = fields: fields // { _type = "option"; };
      mkEnableOption =
        name:
        lib.mkOption {
          type = lib.types.bool;
          default = false;
          example = true;
          description = "Whether to enable ${name}.";
        };
      mkPackageOption =
        pkgs: name: fields:
        lib.mkOption (
          {
            type = if fields.nullable or false then lib.types.nullOr lib.types.package else lib.types.package;
            description = "The ${name} package to use.";
          }
          // (
            if fields ? default && fields.default == null then
              { default = null; }
            else
              {
                default = pkgs.${fields.default or name};
                defaultText = lib.literalExpression "pkgs.${fields.default or name}";
              }
          )
        );
      literalExpression = text: { _type = "literalExpression"; inherit text; };
      showOption = lib.concatMapStringsSep "." (
        name: if match "[a-zA-Z_][a-zA-Z0-9_'-]*|<.*>|[*]" name != null then name else toJSON name
      );

      # --- attribute sets and lists

      genAttrs = names: value: listToAttrs (map (name: { inherit name; value = value name; }) names);
      nameValuePair = name: value: { inherit name value; };
      filterAttrs =
        keep: set:
        removeAttrs set (filter (name: !keep name set.${name}) (attrNames set));
      mapAttrs' = rename: set: listToAttrs (attrValues (mapAttrs rename set));
      mapAttrsToList = value: set: attrValues (mapAttrs value set);
      optionalAttrs = condition: set: if condition then set else { };
      recursiveUpdate =
        below: above:
        below
        // mapAttrs (
          name: value:
          if isAttrs value && isAttrs (below.${name} or null) then lib.recursiveUpdate below.${name} value else value
        ) above;
      setAttrByPath =
        path: value: if path == [ ] then value else { ${lib.head path} = lib.setAttrByPath (tail path) value; };

      imap1 = value: list: genList (n: value (n + 1) (elemAt list n)) (length list);
      reverseList = list: lib.imap1 (n: _: elemAt list (length list - n)) list;
      last = list: elemAt list (length list - 1);
      optional = condition: value: if condition then [ value ] else [ ];
      optionals = condition: list: if condition then list else [ ];
      toList = value: if isList value then value else [ value ];
      unique = foldl' (seen: value: if builtins.elem value seen then seen else seen ++ [ value ]) [ ];

      min = a: b: if a < b then a else b;

      # --- strings

      boolToString = value: if value then "true" else "false";
      concatMapStringsSep = between: text: list: concatStringsSep between (map text list);
      concatMapStrings = lib.concatMapStringsSep "";
      concatStrings = concatStringsSep "";
      concatLines = lib.concatMapStrings (line: line + "\n");
      optionalString = condition: text: if condition then text else "";
      hasInfix = infix: text: builtins.replaceStrings [ infix ] [ "" ] text != text;
      hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
      hasSuffix =
        suffix: text:
        let
          rest = stringLength text - stringLength suffix;
        in
        rest >= 0 && substring rest (stringLength suffix) text == suffix;
      removePrefix =
        prefix: text:
        if lib.hasPrefix prefix text then substring (stringLength prefix) (stringLength text) text else text;
      removeSuffix =
        suffix: text:
        if lib.hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
      escapeShellArg =
        value:
        let
          text = toString value;
        in
        if match "[[:alnum:],._+:@%/-]+" text != null then text else "'${replaceStrings [ "'" ] [ "'\\''" ] text}'";
      escapeShellArgs = lib.concatMapStringsSep " " lib.escapeShellArg;

      # --- packages

      cmakeBool = name: value: "-D${name}:BOOL=${if value then "TRUE" else "FALSE"}";
      cmakeFeature = name: value: "-D${name}:STRING=${value}";
      licenses.mit.spdxId = "MIT";
      platforms.linux = [ "x86_64-linux" "aarch64-linux" ];
      # All that is checked is that the files are there.
      fileset = {
        unions = map (
          path: if builtins.pathExists path then path else throw "lib.fileset.unions: ${toString path} does not exist"
        );
        toSource = { root, fileset }: builtins.deepSeq fileset "${toString root}";
      };

      isDerivation = value: value.type or null == "derivation";
      getExe = package: lib.getExe' package (package.meta.mainProgram or package.pname);
      getExe' = package: name: "${package}/bin/${name}";
      makeBinPath = lib.concatMapStringsSep ":" (package: "${package}/bin");
    };
in
lib
