# A stand-in for the options of NixOS that the project's modules set, and for what NixOS makes of
# them: the text of units, the rules of tmpfiles, the settings of the journal.
#
# What it does not check: options that are not here (they are errors), what other modules of NixOS
# would say to the values, and all that only a build of a system shows. It goes with the real lib as
# well as with the stand-in.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;

  option = type: default: mkOption { inherit type default; };
  strings = option (types.listOf types.str) [ ];
  flag = option types.bool;
  text = option types.str "";
  maybe = type: option (types.nullOr type) null;
  named = options: option (types.attrsOf (types.submodule { inherit options; })) { };

  directive = types.oneOf [
    types.bool
    types.int
    types.str
    types.path
    types.package
    (types.listOf (types.oneOf [ types.str types.int types.path types.package ]))
  ];
  section = option (types.attrsOf (types.nullOr directive)) { };

  unit = {
    description = text;
    documentation = strings;
    after = strings;
    before = strings;
    bindsTo = strings;
    conflicts = strings;
    partOf = strings;
    requires = strings;
    requisite = strings;
    wants = strings;
    wantedBy = strings;
    requiredBy = strings;
    enable = flag true;
    unitConfig = section;
  };

  service = unit // {
    environment = option (types.attrsOf (types.nullOr (types.oneOf [ types.str types.path types.package ]))) { };
    path = option (types.listOf (types.oneOf [ types.package types.str ])) [ ];
    script = text;
    serviceConfig = section;
    startAt = option (types.either types.str (types.listOf types.str)) [ ];
    reloadIfChanged = flag false;
    restartIfChanged = flag true;
    stopIfChanged = flag true;
    restartTriggers = option (types.listOf (types.oneOf [ types.package types.str ])) [ ];
  };

  value = content: if lib.isBool content then lib.boolToString content else toString content;
  lines =
    name: content: lib.concatMapStrings (one: "${name}=${value one}\n") (lib.toList content);
  fields = settings: lib.concatStrings (lib.mapAttrsToList lines settings);
  list = name: content: lib.optionalString (content != [ ]) "${name}=${lib.concatStringsSep " " content}\n";

  head =
    unit:
    "[Unit]\n"
    + lib.optionalString (unit.description != "") "Description=${unit.description}\n"
    + list "Documentation" unit.documentation
    + list "After" unit.after
    + list "Before" unit.before
    + list "BindsTo" unit.bindsTo
    + list "Conflicts" unit.conflicts
    + list "PartOf" unit.partOf
    + list "Requires" unit.requires
    + list "Requisite" unit.requisite
    + list "Wants" unit.wants
    + fields unit.unitConfig;

  # What NixOS gives to every service.
  always = [
    pkgs.coreutils
    pkgs.findutils
    pkgs.gnugrep
    pkgs.gnused
    pkgs.systemd
  ];
  searchPath =
    packages:
    lib.concatStringsSep ":" (map (package: "${package}/bin") packages ++ map (package: "${package}/sbin") packages);

  serviceText =
    name: service:
    let
      environment = {
        PATH = searchPath (service.path ++ always);
      }
      // lib.filterAttrs (_: value: value != null) service.environment;
      start = pkgs.writeShellScript "unit-script-${name}-start" "set -e\n${service.script}";
    in
    head service
    + "\n[Service]\n"
    + lib.concatStrings (
      lib.mapAttrsToList (name: value: "Environment=${builtins.toJSON "${name}=${value}"}\n") environment
    )
    + (
      if service.reloadIfChanged then
        "X-ReloadIfChanged=true\n"
      else
        lib.optionalString (!service.restartIfChanged) "X-RestartIfChanged=false\n"
    )
    + lines "X-Restart-Triggers" service.restartTriggers
    + lib.optionalString (!service.stopIfChanged) "X-StopIfChanged=false\n"
    + fields (lib.optionalAttrs (service.script != "") { ExecStart = "${start} "; } // service.serviceConfig);

  asUnits =
    kind: text:
    lib.mapAttrs' (name: unit: {
      name = "${name}.${kind}";
      value = {
        inherit (unit) enable wantedBy requiredBy;
        text = text name unit;
      };
    });

  rule =
    path:
    lib.mapAttrsToList (
      kind: entry:
      lib.concatStringsSep " " ([ kind path entry.mode entry.user entry.group entry.age ] ++ lib.optional (entry.argument != "") entry.argument)
    );
in
{
  options = {
    assertions = option (types.listOf types.raw) [ ];
    warnings = strings;

    boot.kernelParams = strings;

    environment = {
      systemPackages = option (types.listOf types.package) [ ];
      variables = option (types.attrsOf types.str) { };
      etc = named {
        text = maybe types.lines;
        source = maybe types.path;
        mode = option types.str "symlink";
      };
    };

    networking = {
      hostName = option types.str "nixos";
      firewall.allowedTCPPorts = option (types.listOf types.int) [ ];
    };

    security.polkit = {
      enable = flag false;
      extraConfig = option types.lines "";
    };

    services.journald = {
      rateLimitInterval = option types.str "30s";
      rateLimitBurst = option types.int 10000;
      extraConfig = option types.lines "";
    };

    services.etcd = {
      enable = flag false;
      listenClientUrls = option (types.listOf types.str) [ "http://127.0.0.1:2379" ];
      advertiseClientUrls = option (types.listOf types.str) [ "http://127.0.0.1:2379" ];
    };

    services.prometheus.exporters.node = {
      enable = flag false;
      extraFlags = strings;
    };

    systemd = {
      services = named service;
      timers = named (unit // { timerConfig = section; });
      slices = named (unit // { sliceConfig = section; });
      sockets = named (unit // {
        listenStreams = strings;
        socketConfig = section;
      });
      packages = option (types.listOf types.package) [ ];

      tmpfiles = {
        rules = strings;
        settings = option (types.attrsOf (
          types.attrsOf (
            types.attrsOf (
              types.submodule {
                options = {
                  user = option types.str "-";
                  group = option types.str "-";
                  mode = option types.str "-";
                  age = option types.str "-";
                  argument = text;
                };
              }
            )
          )
        )) { };
      };

      units = option (types.attrsOf types.raw) { };
    };

    users = {
      users = named {
        isSystemUser = flag false;
        isNormalUser = flag false;
        group = text;
        extraGroups = strings;
        home = option types.path "/var/empty";
        createHome = flag false;
        linger = flag false;
      };
      groups = named { gid = maybe types.int; };
    };

    virtualisation.docker = {
      enable = flag false;
      liveRestore = flag true;
      package = option types.package pkgs.docker;
    };

    # Paths and contents of what the tests look at, in the places where NixOS puts it.
    build.files = option (types.attrsOf types.str) { };
  };

  config = {
    assertions = lib.concatLists (
      lib.mapAttrsToList (name: user: [
        {
          assertion = user.isSystemUser != user.isNormalUser;
          message = "Exactly one of users.users.${name}.isSystemUser and users.users.${name}.isNormalUser must be set.";
        }
        {
          assertion = user.group != "" && config.users.groups ? ${user.group};
          message = "users.users.${name}.group must be a group that is there.";
        }
      ]) config.users.users
    );

    systemd = {
      timers = lib.mapAttrs (_: service: {
        wantedBy = [ "timers.target" ];
        timerConfig.OnCalendar = service.startAt;
      }) (lib.filterAttrs (_: service: service.startAt != [ ]) config.systemd.services);

      units = lib.filterAttrs (_: unit: unit.enable) (
        asUnits "service" serviceText config.systemd.services
        // asUnits "timer" (_: unit: "${head unit}\n[Timer]\n${fields unit.timerConfig}") config.systemd.timers
        // asUnits "socket" (
          _: unit: "${head unit}\n[Socket]\n${lines "ListenStream" unit.listenStreams}${fields unit.socketConfig}"
        ) config.systemd.sockets
        // asUnits "slice" (_: unit: "${head unit}\n[Slice]\n${fields unit.sliceConfig}") config.systemd.slices
      );
    };

    build.files = {
      "etc/systemd/journald.conf.d/nixos.conf" = ''
        [Journal]
        RateLimitInterval=${config.services.journald.rateLimitInterval}
        RateLimitBurst=${toString config.services.journald.rateLimitBurst}
        ${config.services.journald.extraConfig}
      '';
      "etc/tmpfiles.d/00-nixos.conf" = lib.concatLines config.systemd.tmpfiles.rules;
    }
    // lib.mapAttrs' (name: paths: {
      name = "etc/tmpfiles.d/${name}.conf";
      value = lib.concatLines (lib.concatLists (lib.mapAttrsToList rule paths));
    }) config.systemd.tmpfiles.settings;
  };
}
