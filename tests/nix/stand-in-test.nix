# What the stand-in does, and the real lib as well: with NIXPKGS_LIB it is asked the same.
let
  given = builtins.getEnv "NIXPKGS_LIB";
  lib = import (if given == "" then ./stand-in/lib.nix else /. + given);
  inherit (lib) mkIf mkMerge mkOption types;

  config = modules: (lib.evalModules { inherit modules; }).config;
  # One option, and definitions of it.
  define = type: values: (config ([ { options.x = mkOption { inherit type; }; } ] ++ map (x: { inherit x; }) values)).x;
  words = map (type: type.description);

  people = types.attrsOf (
    types.submodule (
      { name, config, ... }:
      {
        options = {
          called = mkOption {
            type = types.str;
            default = name;
          };
          letter = mkOption { type = types.str; };
        };
        config.letter = builtins.substring 0 1 config.called;
      }
    )
  );
  open = types.submodule {
    freeformType = types.attrsOf types.int;
    options.known = mkOption {
      type = types.str;
      default = "known";
    };
  };
in
rec {
  says = lib.mapAttrs (_: one: one.says) wrong;

  # { is; should; }
  right = {
    default = {
      is = config [ { options.a.b = mkOption { type = types.int; default = 3; }; } ];
      should.a.b = 3;
    };
    default-yields = {
      is = (config [ { options.a = mkOption { type = types.int; default = 3; }; } { a = lib.mkDefault 4; } ]).a;
      should = 4;
    };
    force-wins = {
      is = define types.int [ 1 (lib.mkForce 2) (lib.mkDefault 3) ];
      should = 2;
    };
    equal-definitions = {
      is = define types.str [ "a" "a" ];
      should = "a";
    };
    what-loses-is-not-looked-at = {
      is = config [
        { options.a = mkOption { default = throw "looked at"; }; }
        { a = 1; }
        { a = lib.mkDefault (throw "looked at"); }
      ];
      should.a = 1;
    };
    lists-are-joined-the-last-first = {
      is = define (types.listOf types.int) [ [ 1 2 ] (lib.mkAfter [ 5 ]) [ 3 ] (lib.mkBefore [ 0 ]) ];
      should = [ 0 3 1 2 5 ];
    };
    lines-are-joined = {
      is = define types.lines [ "a" "b" ];
      should = "b\na";
    };
    a-condition-that-fails = {
      is = define (types.attrsOf types.int) [ { a = 1; } (mkIf false { b = throw "not asked for"; }) ];
      should.a = 1;
    };
    conditions-inside-of-sets = {
      is = define (types.attrsOf types.int) [ { a = mkIf true 1; b = mkIf false 2; } ];
      should.a = 1;
    };
    conditions-on-other-options = {
      is = config [
        { options.a = mkOption { type = types.bool; }; options.b.c = mkOption { type = types.int; default = 0; }; }
        ({ config, ... }: { config = mkMerge [ { a = true; } (mkIf config.a { b.c = 7; }) ]; })
      ];
      should = { a = true; b.c = 7; };
    };
    priority-around-a-set = {
      is = define (types.attrsOf types.int) [ (mkMerge [ { a = 1; } (lib.mkForce { b = 2; }) ]) ];
      should.b = 2;
    };
    priority-inside-of-a-set = {
      is = define (types.attrsOf types.int) [ { a = lib.mkDefault 1; b = 1; } { a = 2; } ];
      should = { a = 2; b = 1; };
    };
    nullable = {
      is = map (define (types.nullOr types.int)) [ [ null ] [ 1 ] ];
      should = [ null 1 ];
    };
    either = {
      is = map (define (types.either types.int (types.listOf types.int))) [ [ 1 ] [ [ 1 ] [ 2 ] ] ];
      should = [ 1 [ 2 1 ] ];
    };
    submodules = {
      is = define people [ { ann = { }; bob.called = "rob"; } ];
      should = {
        ann = { called = "ann"; letter = "a"; };
        bob = { called = "rob"; letter = "r"; };
      };
    };
    submodules-in-two-parts = {
      is = define open [ { a = 1; } { known = "b"; } ];
      should = { a = 1; known = "b"; };
    };
    imports-are-taken-once = {
      is =
        (config [
          { options.x = mkOption { type = types.listOf types.int; }; }
          { imports = [ { x = [ 1 ]; } { key = "a"; imports = [ { x = [ 2 ]; } ]; } ]; x = [ 3 ]; }
          { key = "a"; x = [ 9 ]; }
          { x = mkMerge [ [ 4 ] [ 5 ] ]; }
        ]).x;
      should = [ 1 4 5 9 3 ];
    };
    arguments-of-modules = {
      is = (config [ { options.x = mkOption { }; } { _module.args.seven = 7; } ({ seven, ... }: { x = seven; }) ]).x;
      should = 7;
    };
    lists-in-submodules = {
      is =
        define (types.submodule { options.l = mkOption { type = types.listOf types.int; default = [ ]; }; })
          [ { l = [ 1 ]; } { l = [ 2 ]; } ];
      should.l = [ 1 2 ];
    };
    lists-in-free-forms = {
      is = define (types.attrsOf (types.listOf types.int)) [ { l = [ 1 ]; } { l = [ 2 ]; } ];
      should.l = [ 2 1 ];
    };
    apply = {
      is = (config [ { options.x = mkOption { default = 1; apply = x: x + 1; }; } ]).x;
      should = 2;
    };
    words = {
      is = words [
        types.bool
        types.float
        types.int
        types.ints.positive
        types.ints.unsigned
        (types.ints.between 1 9)
        types.lines
        types.package
        types.path
        types.port
        types.raw
        types.str
        (types.strMatching "a+")
        (types.enum [ "a" ])
        (types.enum [ "a" 1 ])
        (types.nullOr types.str)
        (types.nullOr types.ints.positive)
        (types.nullOr (types.listOf types.str))
        (types.listOf types.str)
        (types.listOf (types.enum [ "a" "b" ]))
        (types.listOf (types.nullOr types.str))
        (types.attrsOf (types.listOf types.int))
        (types.attrsOf (types.oneOf [ types.bool types.int types.str ]))
        (types.either types.ints.positive (types.listOf types.str))
        (types.either (types.listOf types.str) types.str)
        (types.either types.str (types.listOf types.str))
        (types.oneOf [ types.ints.positive types.str types.ints.positive ])
        open
        people
        (types.attrsOf open)
      ];
      should = [
        "boolean"
        "floating point number"
        "signed integer"
        "positive integer, meaning >0"
        "unsigned integer, meaning >=0"
        "integer between 1 and 9 (both inclusive)"
        ''strings concatenated with "\n"''
        "package"
        "absolute path"
        "16 bit unsigned integer; between 0 and 65535 (both inclusive)"
        "raw value"
        "string"
        "string matching the pattern a+"
        ''value "a" (singular enum)''
        ''one of "a", 1''
        "null or string"
        "null or (positive integer, meaning >0)"
        "null or (list of string)"
        "list of string"
        ''list of (one of "a", "b")''
        "list of (null or string)"
        "attribute set of list of signed integer"
        "attribute set of (boolean or signed integer or string)"
        "positive integer, meaning >0, or (list of string)"
        "(list of string) or string"
        "string or list of string"
        "positive integer, meaning >0, or string or (positive integer, meaning >0)"
        "open submodule of attribute set of signed integer"
        "attribute set of (submodule)"
        "attribute set of (open submodule of attribute set of signed integer)"
      ];
    };
    strings = {
      is = [
        (lib.escapeShellArgs [ "a" "b c" "it's" "" "/x:y=z" ])
        (lib.hasSuffix "b" "ab")
        (lib.hasSuffix "abc" "c")
        (lib.removePrefix "a" "abc")
        (lib.removeSuffix "c" "abc")
        (lib.concatLines [ "a" "b" ])
        (lib.makeBinPath [ "/a" "/b" ])
        (lib.boolToString true)
      ];
      should = [ "a 'b c' 'it'\\''s' '' '/x:y=z'" true false "bc" "ab" "a\nb\n" "/a/bin:/b/bin" "true" ];
    };
    sets = {
      is = [
        (lib.filterAttrs (name: value: name != "a" && value) { a = true; b = true; c = false; })
        (lib.recursiveUpdate { a = { b = 1; c = 1; }; d = { }; } { a.b = 2; d = 1; })
        (lib.mapAttrsToList (name: value: "${name}${value}") { a = "1"; b = "2"; })
        (lib.mapAttrs' (name: value: lib.nameValuePair (name + "x") value) { a = 1; })
        (lib.setAttrByPath [ "a" "b" ] 1)
        (lib.unique [ 1 2 1 ])
      ];
      should = [ { b = true; } { a = { b = 2; c = 1; }; d = 1; } [ "a1" "b2" ] { ax = 1; } { a.b = 1; } [ 1 2 ] ];
    };
  };

  # { of; says; }
  wrong = {
    type = {
      of = define types.port [ 70000 ];
      says = "A definition for option `x' is not of type `16 bit unsigned integer; between 0 and 65535 (both inclusive)'. Definition values:\n";
    };
    condition-inside-of-a-priority = {
      of = define types.int [ (lib.mkForce (mkIf true 1)) ];
      says = "A definition for option `x' is not of type `signed integer'. Definition values:";
    };
    priority-inside-of-an-order = {
      of = define types.int [ (lib.mkBefore (lib.mkForce 1)) ];
      says = "A definition for option `x' is not of type `signed integer'. Definition values:";
    };
    type-in-a-list = {
      of = define (types.listOf types.int) [ [ 1 "a" ] ];
      says = ''A definition for option `x."[definition 1-entry 2]"' is not of type `signed integer'. Definition values:'';
    };
    type-in-a-submodule = {
      of = define people [ { ann.called = 1; } ];
      says = "A definition for option `x.ann.called' is not of type `string'. Definition values:";
    };
    free-form = {
      of = define open [ { a = "x"; } ];
      says = "A definition for option `x.a' is not of type `signed integer'. Definition values:";
    };
    undeclared = {
      of = config [ { options.a = mkOption { default = 1; }; } { b.c = 1; } ];
      says = "The option `b' does not exist. Definition values:";
    };
    undeclared-below = {
      of = config [ { options.a.b = mkOption { default = 1; }; } { a.c = 1; } ];
      says = "The option `a.c' does not exist. Definition values:";
    };
    undeclared-in-a-submodule = {
      of = define people [ { ann.age = 1; } ];
      says = "The option `x.ann.age' does not exist. Definition values:";
    };
    undeclared-under-a-condition-that-fails = {
      of = config [ { options.a = mkOption { default = 1; }; } { config = mkIf false { b = 1; }; } ];
      says = "The option `b' does not exist.";
    };
    undefined = {
      of = define types.int [ ];
      says = "The option `x' was accessed but has no value defined. Try setting the option.";
    };
    conflict = {
      of = define types.int [ 1 2 ];
      says = "The option `x' has conflicting definition values:";
    };
    package-twice = {
      of = define types.raw [ 1 2 ];
      says = "The option `x' is defined multiple times while it's expected to be unique.";
    };
    null-and-not = {
      of = define (types.nullOr types.int) [ 1 null ];
      says = "The option `x` is defined both null and not null";
    };
    declared-twice = {
      of = config [ { options.a = mkOption { type = types.int; }; } { options.a = mkOption { type = types.str; }; } ];
      says = "The option `a' in `<unknown-file>' is already declared in `<unknown-file>'.";
    };
    read-only = {
      of = config [ { options.a = mkOption { readOnly = true; }; } { a = 1; } { a = 1; } ];
      says = "The option `a' is read-only, but it's set multiple times. Definition values:";
    };
    beside-config = {
      of = config [ { config = { }; a = 1; } ];
      says = "has an unsupported attribute `a'.";
    };
    no-string = {
      of = define types.str [ { } ];
      says = "A definition for option `x' is not of type `string'. Definition values:";
    };
    no-path = {
      of = define types.path [ "a" ];
      says = "A definition for option `x' is not of type `absolute path'. Definition values:";
    };
    pattern = {
      of = define (types.strMatching "a+") [ "aab" ];
      says = "A definition for option `x' is not of type `string matching the pattern a+'. Definition values:";
    };
    not-one-of = {
      of = define (types.enum [ "a" "b" ]) [ "c" ];
      says = ''A definition for option `x' is not of type `one of "a", "b"'. Definition values:'';
    };
  };
}
