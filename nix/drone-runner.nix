{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib)
    literalExpression
    mkEnableOption
    mkIf
    mkOption
    mkPackageOption
    types
    ;

  cfg = config.services.drone-runner-exec;
  isRoot = cfg.user == "root";
  waits = cfg.onStop == "wait";

  ownVariables = [
    "DRONE_RPC_HOST"
    "DRONE_RPC_PROTO"
    "DRONE_RUNNER_CAPACITY"
    "DRONE_RUNNER_MAX_PROCS"
    "DRONE_LIMIT_REPOS"
    "DRONE_LIMIT_EVENTS"
    "DRONE_LIMIT_TRUSTED"
  ];

  # The runner takes no more builds after the first SIGTERM and ends when its builds have; a second
  # one would kill it, and leave its builds to nobody. So whoever comes first sends it.
  drain = pkgs.writeShellScript "drain-drone-runner-exec" ''
    mkdir "$RUNTIME_DIRECTORY/draining" 2>/dev/null || exit 0
    kill -TERM "$MAINPID"
  '';
  # systemd calls it also when the runner has ended by itself.
  drainAndWait = pkgs.writeShellScript "wait-for-drone-runner-exec" ''
    [ -n "''${MAINPID-}" ] || exit 0
    ${drain}
    exec tail --pid="$MAINPID" --follow /dev/null
  '';
in
{
  options.services.drone-runner-exec = {
    enable = mkEnableOption "the Drone exec runner, whose steps are commands on this host";

    package = mkPackageOption pkgs "drone-runner-exec" { };

    server = mkOption {
      type = types.strMatching "[a-zA-Z0-9.-]+(:[0-9]+)?";
      example = "drone.example.net";
      description = "Host name of the Drone server, with a port if it is not the usual one.";
    };

    protocol = mkOption {
      type = types.enum [
        "https"
        "http"
      ];
      default = "https";
      description = "How to speak to the server.";
    };

    environmentFile = mkOption {
      type = types.str;
      example = "/run/secrets/drone-runner";
      description = ''
        A file outside the store with the variables that are secret, one `NAME=value` a line; at least
        `DRONE_RPC_SECRET`.
      '';
    };

    capacity = mkOption {
      type = types.ints.positive;
      default = 2;
      description = ''
        How many builds this host has at a time. It is the one knob for that: runs of one domain
        queue for its lock by themselves.
      '';
    };

    packages = mkOption {
      type = types.listOf types.package;
      default = [ ];
      example = literalExpression "[ pkgs.jq pkgs.abra ]";
      description = ''
        What steps find in their `PATH`, besides cc-ci, Docker, git and the usual tools.
      '';
    };

    limits = {
      repositories = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "ops/recipe-ci" ];
        description = ''
          Only builds of these repositories get in (patterns such as `ops/*` are possible); empty:
          builds of every repository that the server knows. Whoever may push to one of them runs
          commands on this host.
        '';
      };
      events = mkOption {
        type = types.listOf (
          types.enum [
            "push"
            "pull_request"
            "tag"
            "promote"
            "rollback"
            "cron"
            "custom"
          ]
        );
        default = [ ];
        example = [ "custom" ];
        description = "Only builds of these events get in; empty: all.";
      };
      trusted = mkOption {
        type = types.bool;
        default = false;
        description = "Whether only builds of repositories that are marked as trusted get in.";
      };
    };

    user = mkOption {
      type = types.str;
      default = config.services.cc-ci.user;
      defaultText = literalExpression "config.services.cc-ci.user";
      description = ''
        Who the steps are. Another user than root is made by this module, lingers, and has its runs
        in its own systemd (`--manager user`, which cc-ci chooses by itself).
      '';
    };

    onStop = mkOption {
      type = types.enum [
        "wait"
        "cancel"
      ];
      default = "wait";
      description = ''
        What `systemctl stop` does with the builds that are running: it waits for them as long as a
        run may take, or it cancels them and waits for their teardowns.
        With "wait", a new configuration does not disturb them either: the runner takes no more
        builds, and starts anew when those that it has are through. With "cancel" a new
        configuration is not used before the next start of the unit.
      '';
    };

    stopTimeout = mkOption {
      type = types.str;
      default = if waits then "75min" else "12min";
      defaultText = literalExpression ''if onStop == "wait" then "75min" else "12min"'';
      description = ''
        How long a stop waits before everything in the unit is killed; runs are then torn down by
        their own units. It should be more than `deadline` and `teardown_budget` of cc-ci together,
        or, to cancel, more than `teardown_budget`.
      '';
    };

    environment = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = {
        DRONE_DEBUG = "true";
      };
      description = "Other variables of the runner; steps do not get them.";
    };
  };

  config = mkIf cfg.enable {
    assertions = [
      {
        assertion = !lib.hasPrefix "${builtins.storeDir}/" cfg.environmentFile;
        message = "services.drone-runner-exec.environmentFile must not be in the Nix store, which everybody can read; give the path of a file on the host as a string.";
      }
      {
        assertion = config.services.cc-ci.enable -> cfg.user == config.services.cc-ci.user;
        message = "services.drone-runner-exec.user is ${cfg.user} and services.cc-ci.user is ${config.services.cc-ci.user}: the janitor of one does not touch what the runs of the other leave. Set services.cc-ci.user alone.";
      }
      {
        assertion = lib.all (name: !cfg.environment ? ${name}) ownVariables;
        message = "services.drone-runner-exec.environment: ${
          lib.concatStringsSep ", " (lib.filter (name: cfg.environment ? ${name}) ownVariables)
        } is said by an option of its own (server, protocol, capacity, limits).";
      }
      {
        assertion = !cfg.environment ? DRONE_RPC_SECRET;
        message = "services.drone-runner-exec.environment is in the Nix store, which everybody can read: put DRONE_RPC_SECRET into environmentFile.";
      }
    ];

    users.users = lib.optionalAttrs (!isRoot) {
      ${cfg.user} = {
        isSystemUser = true;
        group = cfg.user;
        home = "/var/lib/${cfg.user}";
        createHome = true;
        linger = true;
        # A system user has no journal of its own: without the first `cc-ci logs` shows it nothing.
        extraGroups = [
          "systemd-journal"
        ]
        ++ lib.optional config.virtualisation.docker.enable "docker";
      };
    };
    users.groups = lib.optionalAttrs (!isRoot) { ${cfg.user} = { }; };

    systemd.services.drone-runner-exec = {
      description = "Drone exec runner";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [
        "docker.service"
        "network-online.target"
      ]
      # Where it is one that the locks of runs are in.
      ++ lib.optional config.services.etcd.enable "etcd.service"
      # They start the manager of a user that lingers.
      ++ lib.optionals (!isRoot) [
        "linger-users.service"
        "systemd-logind.service"
      ];

      path = [
        pkgs.bash
        pkgs.git
        pkgs.gnutar
        pkgs.gzip
        pkgs.openssh
      ]
      ++ lib.optional config.services.cc-ci.enable config.services.cc-ci.package
      ++ lib.optional config.virtualisation.docker.enable config.virtualisation.docker.package
      ++ cfg.packages;

      environment = {
        DRONE_RPC_HOST = cfg.server;
        DRONE_RPC_PROTO = cfg.protocol;
        DRONE_RUNNER_CAPACITY = toString cfg.capacity;
        DRONE_RUNNER_ROOT = "/var/cache/drone-runner-exec";
        DRONE_RUNNER_NAME = lib.mkDefault config.networking.hostName;
        # Its pages tell whoever asks what runs here.
        DRONE_HTTP_BIND = lib.mkDefault "127.0.0.1:3000";
        DRONE_UI_DISABLE = lib.mkDefault "true";
      }
      // lib.optionalAttrs (cfg.limits.repositories != [ ]) {
        DRONE_LIMIT_REPOS = lib.concatStringsSep "," cfg.limits.repositories;
      }
      // lib.optionalAttrs (cfg.limits.events != [ ]) {
        DRONE_LIMIT_EVENTS = lib.concatStringsSep "," cfg.limits.events;
      }
      // lib.optionalAttrs cfg.limits.trusted { DRONE_LIMIT_TRUSTED = "true"; }
      // cfg.environment;

      reloadIfChanged = waits;
      restartIfChanged = false;

      serviceConfig = {
        ExecStart = "${lib.getExe cfg.package} daemon";
        EnvironmentFile = cfg.environmentFile;
        User = cfg.user;
        # Where it is said that the runner drains; gone when it has.
        RuntimeDirectory = "drone-runner-exec";
        # Steps clone there. Their runs are in units of their own and must see it: no PrivateTmp.
        CacheDirectory = "drone-runner-exec";
        CacheDirectoryMode = "0700";
        # What a killed runner left there.
        ExecStartPre = "${pkgs.findutils}/bin/find /var/cache/drone-runner-exec -mindepth 1 -maxdepth 1 -name drone-* -exec rm -rf {} +";
        Restart = "always";
        RestartSec = "5s";
        TimeoutStopSec = cfg.stopTimeout;
        # The steps' shells, and cc-ci in them, which take it for a cancel; or else nobody, as the
        # runner has had its SIGTERM when it comes to this.
        KillMode = if waits then "mixed" else "control-group";
        # A step that takes all memory is no reason for the others to die.
        OOMPolicy = "continue";
      }
      // lib.optionalAttrs waits {
        ExecReload = drain;
        ExecStop = drainAndWait;
      };
    };
  };
}
