{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib)
    literalExpression
    mkDefault
    mkEnableOption
    mkIf
    mkMerge
    mkOption
    mkPackageOption
    types
    ;

  cfg = config.services.cc-ci;
  docker = config.virtualisation.docker;
  nodeExporter = config.services.prometheus.exporters.node;
  isRoot = cfg.user == "root";
  format = pkgs.formats.json { };

  deploysToSwarm = lib.elem cfg.settings.platform [
    "swarm"
    "abra"
  ];

  # A mistake in the settings is one of the build of the system, not of the next run.
  configurationFile =
    let
      file = format.generate "cc-ci.json" cfg.settings;
    in
    if pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform then
      pkgs.runCommand "cc-ci-checked.json" { } ''
        ${lib.getExe cfg.package} --config ${file} ps >/dev/null
        cp ${file} $out
      ''
    else
      file;

  # What the teardown of an app may call. Runs get theirs from the step that starts them.
  tools = [
    pkgs.bash
    pkgs.git
    pkgs.gnutar
  ]
  ++ lib.optional deploysToSwarm docker.package
  ++ lib.optional (cfg.settings.restic_repository != "") pkgs.restic
  ++ cfg.extraPackages;

  inStore = path: lib.hasPrefix "${builtins.storeDir}/" path;

  timeSpan = types.strMatching "[0-9].*";

  repository = types.strMatching "[A-Za-z0-9._-]+/[A-Za-z0-9._-]+";

  secretFile =
    example: what:
    mkOption {
      type = types.str;
      inherit example;
      description = "A file outside the store with ${what}. It may be root's alone: systemd hands it over.";
    };

  restrictions = {
    LockPersonality = mkDefault true;
    NoNewPrivileges = mkDefault true;
    ProtectClock = mkDefault true;
    ProtectControlGroups = mkDefault true;
    ProtectHostname = mkDefault true;
    ProtectKernelLogs = mkDefault true;
    ProtectKernelModules = mkDefault true;
    ProtectKernelTunables = mkDefault true;
    RestrictAddressFamilies = mkDefault [
      "AF_INET"
      "AF_INET6"
      "AF_NETLINK"
      "AF_UNIX"
    ];
    RestrictNamespaces = mkDefault true;
    RestrictRealtime = mkDefault true;
    RestrictSUIDSGID = mkDefault true;
    SystemCallArchitectures = mkDefault "native";
    # It removes files of other owners.
    CapabilityBoundingSet = mkDefault [
      "CAP_DAC_OVERRIDE"
      "CAP_DAC_READ_SEARCH"
      "CAP_FOWNER"
      "CAP_KILL"
    ];
    # /usr, /boot and /etc only: the env files of apps and the directories of runs may be anywhere else.
    ProtectSystem = mkDefault "full";
    # The env files of apps are in a home directory, ~/.abra.
    ProtectHome = mkDefault false;
    # In /tmp may be the socket of an ssh agent that git or restic is told to ask.
    PrivateTmp = mkDefault false;
  };

  # The two commands of the platform `command` are the operator's, and may do anything.
  hardening = lib.optionalAttrs (cfg.settings.platform != "command") restrictions;

  # For what answers the network: it is nobody, and sees what everybody may see. What DynamicUser brings
  # is not said again.
  confined = {
    DynamicUser = true;
    CapabilityBoundingSet = mkDefault "";
    LockPersonality = mkDefault true;
    MemoryDenyWriteExecute = mkDefault true;
    PrivateDevices = mkDefault true;
    ProtectClock = mkDefault true;
    ProtectControlGroups = mkDefault true;
    ProtectHome = mkDefault true;
    ProtectHostname = mkDefault true;
    ProtectKernelLogs = mkDefault true;
    ProtectKernelModules = mkDefault true;
    ProtectKernelTunables = mkDefault true;
    RestrictNamespaces = mkDefault true;
    RestrictRealtime = mkDefault true;
    SystemCallArchitectures = mkDefault "native";
    SystemCallFilter = mkDefault [
      "@system-service"
      "~@privileged @resources"
    ];
    UMask = mkDefault "0077";
  };

  # A program that says when it is ready, and that it lives.
  daemon =
    { description, command, sockets }:
    own:
    {
      inherit description;
      requires = sockets;
      after = [ "network-online.target" ] ++ sockets;
      wants = [ "network-online.target" ];
      restartTriggers = [ configurationFile ];
      serviceConfig = {
        Type = "notify";
        ExecStart = "${lib.getExe cfg.package} ${command}";
        Restart = "on-failure";
        RestartSec = "5s";
      }
      // confined
      // own;
    };

  daemonSocket = description: listen: {
    inherit description;
    wantedBy = [ "sockets.target" ];
    listenStreams = [ listen ];
  };

  listens = cfg.bridge.listen != null;

  inherit (cfg.lock) etcd;
  ofSeveralHosts = cfg.lock.engine == "etcd";

  ownUser = lib.optionalAttrs (!isRoot) { User = cfg.user; };

  # For what works on the apps of this host as root.
  service =
    { description, command }:
    {
      inherit description;
      after = [
        "docker.service"
        "network-online.target"
      ]
      ++ lib.optional cfg.swarm.init "cc-ci-swarm.service"
      ++ lib.optional (ofSeveralHosts && config.services.etcd.enable) "etcd.service";
      wants = [ "network-online.target" ];
      path = tools;
      # An order that waits for teardowns must not be started anew by a switch, nor hold it up.
      restartIfChanged = false;
      serviceConfig = {
        Type = "oneshot";
        ExecStart = "${lib.getExe cfg.package} ${command}";
        Slice = "cc-ci.slice";
      }
      // ownUser
      // hardening;
    };

  # A pass of that at boot, and again some time after each.
  passes =
    {
      name,
      description,
      command,
      interval,
    }:
    {
      systemd.services.${name} = service { inherit description command; } // {
        wantedBy = [ "multi-user.target" ];
      };
      systemd.timers.${name} = {
        inherit description;
        wantedBy = [ "timers.target" ];
        timerConfig = {
          OnUnitInactiveSec = interval;
          AccuracySec = "10s";
        };
      };
    };
in
{
  options.services.cc-ci = {
    enable = mkEnableOption "cc-ci, which runs CI jobs that deploy applications, and leaves nothing of them behind";

    package = mkPackageOption pkgs "cc-ci" { };

    user = mkOption {
      type = types.str;
      default = "root";
      example = "drone";
      description = ''
        Whose the runs are, and with them their locks and directories; the janitor is the same user.
        Another user than root is made by `services.drone-runner-exec`; it lingers, and its runs are
        units of its own systemd.
      '';
    };

    settings = mkOption {
      description = ''
        What `/etc/cc-ci/config.json` says. Every key of `docs/configuration.md` may be set; those
        that most hosts need are declared here. A key that cc-ci does not know, or a value that it
        refuses, fails the build of the system.
      '';
      default = { };
      example = literalExpression ''
        {
          base_domain = "ci.example.net";
          forge = "https://git.example.net";
          health_url = "https://{domain}/";
        }
      '';
      type = types.submodule {
        freeformType = format.type;
        options = {
          platform = mkOption {
            type = types.enum [
              "none"
              "swarm"
              "abra"
              "command"
            ];
            default = "swarm";
            description = "What finds and removes apps.";
          };
          base_domain = mkOption {
            type = types.strMatching "[a-z0-9]([a-z0-9.-]*[a-z0-9])?";
            default = "ci.localhost";
            example = "ci.example.net";
            description = "Apps of runs get names below it; nothing else is ever reaped.";
          };
          lock_dir = mkOption {
            type = types.path;
            default = if isRoot then "/run/lock" else "/run/cc-ci-locks";
            defaultText = literalExpression ''if user == "root" then "/run/lock" else "/run/cc-ci-locks"'';
            description = "Where the domain locks are. All runs and janitors of a host must use the same one.";
          };
          runs_dir = mkOption {
            type = types.path;
            default = "/var/lib/cc-ci-runs";
            description = "Where each run has its directory.";
          };
          abra_dir = mkOption {
            type = types.path;
            default = if isRoot then "/root/.abra" else "/var/lib/${cfg.user}/abra";
            defaultText = literalExpression ''if user == "root" then "/root/.abra" else "/var/lib/''${user}/abra"'';
            description = "The canonical abra directory: the env files of apps, and local copies of recipes.";
          };
          state_dir = mkOption {
            type = types.path;
            default = "/var/lib/cc-ci";
            description = "Where the canonical states of warm apps are.";
          };
          deadline = mkOption {
            type = timeSpan;
            default = "60min";
            description = "After how long a run is stopped.";
          };
          teardown_budget = mkOption {
            type = timeSpan;
            default = "10min";
            description = "How long a teardown may take before it is killed.";
          };
          forge = mkOption {
            type = types.str;
            default = "";
            example = "https://git.example.net";
            description = "What `owner/name` in `SRC` is completed with.";
          };
          drone_server = mkOption {
            type = types.str;
            default = "";
            example = "https://drone.example.net";
            description = "Where Drone is; runs ask it whether their builds were cancelled, the bridge starts builds there.";
          };
          drone_token_file = mkOption {
            type = types.str;
            default = "";
            example = "/run/secrets/drone-token";
            description = ''
              A file outside the store with the token of a Drone user that may read builds. Runs read it,
              so it is not the one of the bridge.
            '';
          };
          forge_token_file = mkOption {
            type = types.str;
            default = "";
            example = "/run/secrets/forge-token";
            description = "A file outside the store with the token for private repositories below `forge`.";
          };
          restic_repository = mkOption {
            type = types.str;
            default = "";
            example = "/srv/backups/cc-ci";
            description = "Where the backups of runs go until they end; empty: into the run directory.";
          };
          restic_password_file = mkOption {
            type = types.str;
            default = "";
            example = "/run/secrets/restic-password";
            description = "A file outside the store with the password of `restic_repository`.";
          };
        };
      };
    };

    lock = {
      engine = mkOption {
        type = types.enum [
          "flock"
          "etcd"
        ];
        default = "flock";
        description = ''
          What a domain's lock is made of. `flock` holds on this host, and needs nothing. `etcd` holds
          over all hosts that ask the same etcd, as `docs/many-hosts.md` has it; what is below
          `lock.etcd` must be the same on all of them, but for the files and `host`.
        '';
      };
      etcd = {
        endpoints = mkOption {
          type = types.listOf (types.strMatching "https?://[A-Za-z0-9._-]+:[0-9]+");
          default = [ ];
          example = [
            "https://10.0.0.1:2379"
            "https://10.0.0.2:2379"
            "https://10.0.0.3:2379"
          ];
          description = "Where the members of etcd take clients.";
        };
        prefix = mkOption {
          type = types.strMatching "[!-~]+/";
          default = "/cc-ci/";
          description = "How all of cc-ci's keys begin.";
        };
        ttl = mkOption {
          type = timeSpan;
          default = "3min";
          description = ''
            How long a lease lives that nobody keeps alive, in whole seconds from 5s to 1h: what the
            other hosts wait for after the death of one.
          '';
        };
        margin = mkOption {
          type = timeSpan;
          default = "90s";
          description = ''
            How long before the end of its lease a run stops and tears down that cannot keep it alive;
            at most half of `ttl`.
          '';
        };
        host = mkOption {
          type = types.strMatching "[!-~]*";
          default = "";
          example = "ci-2";
          description = "What the others call this host; empty: its host name.";
        };
        caFile = mkOption {
          type = types.str;
          default = "";
          example = "/etc/secrets/etcd-ca.pem";
          description = "Who vouches for the certificates of etcd; empty: whom this host trusts anyway.";
        };
        certFile = mkOption {
          type = types.str;
          default = "";
          example = "/etc/secrets/etcd-client.pem";
          description = "The certificate that this host shows to etcd. Runs read it, and the two that follow, as their user.";
        };
        keyFile = mkOption {
          type = types.str;
          default = "";
          example = "/run/secrets/etcd-client-key";
          description = "A file outside the store with its key.";
        };
        user = mkOption {
          type = types.strMatching "[!-~]*";
          default = "";
          example = "cc-ci";
          description = "Who this host is to etcd, where etcd asks for a name and a password.";
        };
        passwordFile = mkOption {
          type = types.str;
          default = "";
          example = "/run/secrets/etcd-password";
          description = "A file outside the store with the password of `user`.";
        };
      };
    };

    extraPackages = mkOption {
      type = types.listOf types.package;
      default = [ ];
      example = literalExpression "[ pkgs.abra ]";
      description = "What the janitor and the teardowns that it starts find in their `PATH`, besides what they need themselves.";
    };

    swarm.init = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether to make this host a Swarm of one node at boot, if it is in none. A Swarm that exists is
        left as it is.
      '';
    };

    janitor = {
      enable = mkEnableOption "the janitor, at boot and on a timer, which reaps what nobody owns" // {
        default = true;
      };
      interval = mkOption {
        type = timeSpan;
        default = "15min";
        description = "How long after the end of one pass the next one begins.";
      };
    };

    warm = {
      reconcile = mkEnableOption "bringing warm apps back to their canonical state, at boot and on a timer";
      interval = mkOption {
        type = timeSpan;
        default = "1h";
        description = "How long after the end of one pass the next one begins.";
      };
    };

    prune = {
      enable = mkEnableOption "removing the directories of old runs, daily" // {
        default = true;
      };
      olderThan = mkOption {
        type = timeSpan;
        default = "30d";
        description = "How long the directory of a run is kept after its end: record, results, artifacts.";
      };
      keep = mkOption {
        type = types.nullOr types.ints.positive;
        default = null;
        example = 1000;
        description = "How many of them are kept at most; null: as many as there are.";
      };
    };

    metrics = {
      enable = mkEnableOption "writing numbers about runs and locks for Prometheus' node exporter, every minute";
      textfileDirectory = mkOption {
        type = types.path;
        default = "/var/lib/prometheus-node-exporter-text-files";
        description = ''
          Where `cc-ci.prom` is written. The directory is made; node exporter reads it when
          `services.prometheus.exporters.node.extraFlags` has `--collector.textfile.directory` with it.
        '';
      };
    };

    bridge = {
      enable = mkEnableOption ''
        the bridge: a comment `!testme` on a pull request starts a Drone build, and the pull request
        shows its result'';
      repositories = mkOption {
        type = types.listOf repository;
        default = [ ];
        example = [ "recipes/immich" ];
        description = "The repositories below `settings.forge` whose pull requests are looked at.";
      };
      organization = mkOption {
        type = types.strMatching "[A-Za-z0-9._-]*";
        default = "";
        example = "recipes";
        description = "Whose members may trigger runs, besides the collaborators of a repository; empty: of none.";
      };
      droneRepository = mkOption {
        type = repository;
        example = "ops/recipe-ci";
        description = "The repository in Drone whose pipeline is started.";
      };
      droneBranch = mkOption {
        type = types.strMatching "[A-Za-z0-9][A-Za-z0-9._/-]*";
        default = "main";
        description = "Its branch.";
      };
      poll = mkOption {
        type = timeSpan;
        default = "30s";
        description = ''How often the forge is asked for new comments; "0": never.'';
      };
      listen = mkOption {
        type = types.nullOr types.str;
        default = "127.0.0.1:8790";
        description = "Where webhooks come in, an address of systemd.socket(5); null: nowhere.";
      };
      forgeTokenFile = secretFile "/run/secrets/bridge-forge-token" "the token of the forge's user that comments and sets statuses";
      droneTokenFile = secretFile "/run/secrets/bridge-drone-token" "the token of a Drone user that may start builds of `droneRepository`";
      webhookSecretFile = secretFile "/run/secrets/bridge-webhook" "the secret that webhooks are signed with" // {
        default = "";
      };
    };

    dashboard = {
      enable = mkEnableOption "a web page of runs and their results, which changes nothing";
      listen = mkOption {
        type = types.str;
        default = "127.0.0.1:8791";
        description = "Where it is, an address of systemd.socket(5): for a proxy that brings TLS, and asks who is there.";
      };
      url = mkOption {
        type = types.strMatching "(https?://.*[^/])?";
        default = "";
        example = "https://ci.example.net";
        description = "Where others find it: what comments and statuses link to; empty: they link to Drone.";
      };
    };

    limits = mkOption {
      type = types.attrsOf (
        types.oneOf [
          types.bool
          types.int
          types.str
        ]
      );
      default = { };
      example = {
        MemoryMax = "8G";
        CPUWeight = 50;
        TasksMax = 4096;
      };
      description = ''
        Resource limits of all runs together: directives of `cc-ci.slice`, as systemd.resource-control(5)
        has them. What a job deploys through Docker is in Docker's own units and is not limited.
      '';
    };

    journalBurst = mkOption {
      type = types.ints.positive;
      default = 100000;
      description = ''
        How many lines one service may log in the journal's interval (30 seconds) before lines are lost.
        Runs have no such limit; the runner, the janitor and Docker have.
      '';
    };
  };

  config = mkIf cfg.enable (mkMerge [
    {
      assertions = [
        {
          assertion = deploysToSwarm -> docker.enable;
          message = ''services.cc-ci.settings.platform is "${cfg.settings.platform}", which deploys to Docker: set virtualisation.docker.enable, or another platform.'';
        }
        {
          assertion = deploysToSwarm -> !docker.liveRestore;
          message = "Docker refuses to be a Swarm with live restore: set virtualisation.docker.liveRestore = false for services.cc-ci.";
        }
        {
          assertion = cfg.swarm.init -> docker.enable;
          message = "services.cc-ci.swarm.init makes Docker a Swarm: set virtualisation.docker.enable.";
        }
        {
          assertion =
            !lib.any (
              parameter:
              lib.elem parameter [
                "systemd.unified_cgroup_hierarchy=0"
                "systemd.unified_cgroup_hierarchy=no"
                "systemd.unified_cgroup_hierarchy=false"
                "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"
              ]
            ) config.boot.kernelParams;
          message = "services.cc-ci kills and limits runs by their control group, which takes cgroup v2: remove systemd.unified_cgroup_hierarchy from boot.kernelParams.";
        }
        {
          assertion = (cfg.settings.restic_repository == "") == (cfg.settings.restic_password_file == "");
          message = "services.cc-ci.settings: restic_repository and restic_password_file go together or not at all.";
        }
        {
          assertion =
            !lib.any inStore [
              cfg.settings.drone_token_file
              cfg.settings.forge_token_file
              cfg.settings.restic_password_file
            ];
          message = "services.cc-ci.settings: forge_token_file, drone_token_file and restic_password_file must not be in the Nix store, which everybody can read; give the path of a file on the host as a string.";
        }
        {
          assertion = !isRoot -> cfg.settings.lock_dir != "/run/lock";
          message = "services.cc-ci.user is ${cfg.user}, who may make no file in /run/lock: leave services.cc-ci.settings.lock_dir at its default, or name another directory.";
        }
        {
          assertion = cfg.settings.platform == "none" -> !cfg.janitor.enable;
          message = ''services.cc-ci.settings.platform is "none", so there is nothing that the janitor could see: set services.cc-ci.janitor.enable = false, or a platform.'';
        }
      ];

      environment.systemPackages = [ cfg.package ];
      environment.etc."cc-ci/config.json".source = configurationFile;

      systemd.slices.cc-ci = {
        description = "CI runs";
        sliceConfig = cfg.limits;
      };

      # NixOS makes /run/lock itself. What is root's and sticky, the user can fill, and nobody can
      # replace what another has put there.
      systemd.tmpfiles.settings."10-cc-ci" = {
        ${cfg.settings.runs_dir}.d = {
          user = "root";
          group = cfg.user;
          mode = if isRoot then "0755" else "1775";
        };
        ${cfg.settings.state_dir}.d = {
          user = cfg.user;
          group = cfg.user;
          mode = "0700";
        };
      }
      // lib.optionalAttrs (cfg.settings.lock_dir != "/run/lock") {
        ${cfg.settings.lock_dir}.d = {
          user = "root";
          group = cfg.user;
          mode = if isRoot then "0755" else "1770";
        };
      }
      // lib.optionalAttrs (!isRoot) {
        ${cfg.settings.abra_dir}.d = {
          user = cfg.user;
          group = cfg.user;
          mode = "0750";
        };
      };

      services.journald.rateLimitBurst = mkDefault cfg.journalBurst;
    }

    (mkIf ofSeveralHosts {
      assertions = [
        {
          assertion = etcd.endpoints != [ ];
          message = ''services.cc-ci.lock.engine is "etcd": say in services.cc-ci.lock.etcd.endpoints where that is.'';
        }
        {
          assertion = (etcd.certFile == "") == (etcd.keyFile == "");
          message = "services.cc-ci.lock.etcd: certFile and keyFile go together or not at all.";
        }
        {
          assertion = (etcd.user == "") == (etcd.passwordFile == "");
          message = "services.cc-ci.lock.etcd: user and passwordFile go together or not at all.";
        }
        {
          assertion =
            !lib.any inStore [
              etcd.keyFile
              etcd.passwordFile
            ];
          message = "services.cc-ci.lock.etcd: keyFile and passwordFile must not be in the Nix store, which everybody can read; give the path of a file on the host as a string.";
        }
      ];

      services.cc-ci.settings.lock = {
        inherit (cfg.lock) engine;
        inherit (etcd)
          endpoints
          prefix
          ttl
          margin
          host
          user
          ;
        ca_file = etcd.caFile;
        cert_file = etcd.certFile;
        key_file = etcd.keyFile;
        password_file = etcd.passwordFile;
      };
    })

    (mkIf (!isRoot) {
      # Of all users, since nobody knows the number of this one before it is made.
      systemd.services."user@".serviceConfig = {
        # Nothing else brings back a manager that was killed, and until then every run is refused.
        Restart = mkDefault "on-failure";
        # The runs of a manager that is stopped are torn down.
        TimeoutStopSec = mkDefault "25min";
        # The rate of all of a user's units together.
        LogRateLimitIntervalSec = mkDefault "1s";
        LogRateLimitBurst = mkDefault 10000000;
        # What --memory-max, --cpu-quota and --tasks-max take.
        Delegate = mkDefault "pids memory cpu";
      };
    })

    (mkIf cfg.swarm.init {
      systemd.services.cc-ci-swarm = {
        description = "Swarm of one node for CI runs";
        wantedBy = [ "multi-user.target" ];
        requires = [ "docker.service" ];
        after = [ "docker.service" ];
        path = [ docker.package ];
        script = ''
          state=$(docker info --format '{{.Swarm.LocalNodeState}}')
          case $state in
            active) ;;
            inactive) docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1 ;;
            *)
              echo "the Swarm of this host is $state; 'docker swarm leave --force' gives it up" >&2
              exit 1
              ;;
          esac
        '';
        serviceConfig = {
          Type = "oneshot";
          RemainAfterExit = true;
        };
      };
    })

    # Not cc-ci-janitor: so is the transient unit of the pass that a run asks for, and systemd starts none
    # where a file has its name.
    (mkIf cfg.janitor.enable (passes {
      name = "cc-ci-reap";
      description = "cc-ci janitor";
      command = "janitor";
      inherit (cfg.janitor) interval;
    }))

    (mkIf cfg.prune.enable {
      systemd.services.cc-ci-prune = service {
        description = "cc-ci removes old run directories";
        command =
          "prune --older-than ${lib.escapeShellArg cfg.prune.olderThan}"
          + lib.optionalString (cfg.prune.keep != null) " --keep ${toString cfg.prune.keep}";
      };
      systemd.timers.cc-ci-prune = {
        description = "cc-ci removes old run directories, daily";
        wantedBy = [ "timers.target" ];
        timerConfig = {
          OnCalendar = "daily";
          RandomizedDelaySec = "1h";
          Persistent = true;
        };
      };
    })

    (mkIf cfg.metrics.enable {
      assertions = [
        {
          assertion =
            nodeExporter.enable
            -> lib.any (lib.hasInfix cfg.metrics.textfileDirectory) nodeExporter.extraFlags;
          message = ''services.cc-ci.metrics writes to ${cfg.metrics.textfileDirectory}, where the node exporter of this host does not look: add "--collector.textfile.directory=${cfg.metrics.textfileDirectory}" to services.prometheus.exporters.node.extraFlags, or set services.cc-ci.metrics.textfileDirectory.'';
        }
      ];

      systemd.tmpfiles.settings."10-cc-ci".${cfg.metrics.textfileDirectory}.d = {
        user = "root";
        group = cfg.user;
        mode = if isRoot then "0755" else "1775";
      };

      systemd.services.cc-ci-metrics = {
        description = "cc-ci writes its metrics for node exporter";
        serviceConfig = {
          Type = "oneshot";
          ExecStart = "${lib.getExe cfg.package} metrics --output ${lib.escapeShellArg "${cfg.metrics.textfileDirectory}/cc-ci.prom"}";
        }
        // ownUser
        // restrictions
        // {
          # It looks into who holds and awaits locks, and asks the managers of other users as these.
          CapabilityBoundingSet = mkDefault [
            "CAP_DAC_OVERRIDE"
            "CAP_DAC_READ_SEARCH"
            "CAP_SETGID"
            "CAP_SETUID"
            "CAP_SYS_PTRACE"
          ];
          MemoryDenyWriteExecute = mkDefault true;
          PrivateNetwork = mkDefault true;
          ProtectSystem = mkDefault "strict";
          ReadWritePaths = mkDefault [
            cfg.metrics.textfileDirectory
            cfg.settings.state_dir
          ];
          RestrictAddressFamilies = mkDefault "AF_UNIX";
        };
      };
      systemd.timers.cc-ci-metrics = {
        description = "cc-ci writes its metrics for node exporter, every minute";
        wantedBy = [ "timers.target" ];
        timerConfig = {
          OnCalendar = "minutely";
          AccuracySec = "5s";
        };
      };
    })

    (mkIf cfg.bridge.enable {
      assertions = [
        {
          assertion = cfg.settings.forge != "" && cfg.settings.drone_server != "";
          message = "services.cc-ci.bridge is between a forge and Drone: set services.cc-ci.settings.forge and services.cc-ci.settings.drone_server.";
        }
        {
          assertion = cfg.bridge.repositories != [ ];
          message = "services.cc-ci.bridge.repositories is empty, so there is no pull request to look at.";
        }
        {
          assertion = listens -> cfg.bridge.webhookSecretFile != "";
          message = "services.cc-ci.bridge takes webhooks, and believes only those that are signed: set services.cc-ci.bridge.webhookSecretFile, or listen = null.";
        }
        {
          assertion = listens || cfg.bridge.poll != "0";
          message = "services.cc-ci.bridge neither takes webhooks nor polls, so it hears of no comment: set services.cc-ci.bridge.listen or services.cc-ci.bridge.poll.";
        }
        {
          assertion =
            !lib.any inStore [
              cfg.bridge.forgeTokenFile
              cfg.bridge.droneTokenFile
              cfg.bridge.webhookSecretFile
            ];
          message = "services.cc-ci.bridge: forgeTokenFile, droneTokenFile and webhookSecretFile must not be in the Nix store, which everybody can read; give the path of a file on the host as a string.";
        }
      ];

      services.cc-ci.settings = {
        bridge_repositories = cfg.bridge.repositories;
        bridge_organization = cfg.bridge.organization;
        bridge_drone_repository = cfg.bridge.droneRepository;
        bridge_drone_branch = cfg.bridge.droneBranch;
        bridge_poll = cfg.bridge.poll;
        # The service gets copies; these are for `cc-ci bridge --check`.
        bridge_forge_token_file = cfg.bridge.forgeTokenFile;
        bridge_drone_token_file = cfg.bridge.droneTokenFile;
        bridge_secret_file = cfg.bridge.webhookSecretFile;
      };

      systemd.sockets = mkIf listens {
        cc-ci-bridge = daemonSocket "Webhooks for the bridge of cc-ci" cfg.bridge.listen;
      };
      systemd.services.cc-ci-bridge =
        daemon
          {
            description = "cc-ci bridge between comments and Drone";
            command =
              "bridge --state-dir %S/cc-ci-bridge --forge-token-file %d/forge-token --drone-token-file %d/drone-token"
              + lib.optionalString listens " --secret-file %d/webhook-secret";
            sockets = lib.optional listens "cc-ci-bridge.socket";
          }
          {
            LoadCredential = [
              "forge-token:${cfg.bridge.forgeTokenFile}"
              "drone-token:${cfg.bridge.droneTokenFile}"
            ]
            ++ lib.optional listens "webhook-secret:${cfg.bridge.webhookSecretFile}";
            StateDirectory = "cc-ci-bridge";
            StateDirectoryMode = "0700";
            # A request to a server that does not answer takes ten seconds, and one turn may make a few.
            WatchdogSec = mkDefault "3min";
            PrivateUsers = mkDefault true;
            ProcSubset = mkDefault "pid";
            ProtectProc = mkDefault "invisible";
            RestrictAddressFamilies = mkDefault [
              "AF_INET"
              "AF_INET6"
              "AF_UNIX"
            ];
          }
        // {
          wantedBy = [ "multi-user.target" ];
        };
    })

    (mkIf cfg.dashboard.enable {
      services.cc-ci.settings = {
        # Nowhere but where systemd listens.
        dashboard_listen = "";
        dashboard_url = cfg.dashboard.url;
      };

      systemd.sockets.cc-ci-dashboard = daemonSocket "The page of cc-ci" cfg.dashboard.listen;
      systemd.services.cc-ci-dashboard =
        daemon
          {
            description = "cc-ci page of runs and results";
            command = "dashboard";
            sockets = [ "cc-ci-dashboard.socket" ];
          }
          {
            # What runs print is in the journal, which this group may read.
            SupplementaryGroups = [ "systemd-journal" ];
            WatchdogSec = mkDefault "1min";
            # A page is worth less than a run.
            MemoryMax = mkDefault "256M";
            TasksMax = mkDefault 8;
            # What systemd listens on comes from without; it has no other network.
            PrivateNetwork = mkDefault true;
            RestrictAddressFamilies = mkDefault "AF_UNIX";
            # ProtectProc would hide whether a run's processes live, ProcSubset which boot this is, and
            # PrivateUsers whose a run is.
          };
    })

    (mkIf cfg.warm.reconcile (passes {
      name = "cc-ci-reconcile";
      description = "cc-ci warm apps";
      command = "warm reconcile";
      inherit (cfg.warm) interval;
    }))
  ]);
}
