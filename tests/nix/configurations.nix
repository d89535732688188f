# Configurations of a host, each with what its error says if it is wrong.
{ lib }:
let
  host = {
    services.cc-ci.enable = true;
    virtualisation.docker = {
      enable = true;
      liveRestore = false;
    };
  };
  with' = module: { configuration.imports = [ host module ]; };
  wrong = says: module: with' module // { inherit says; };

  runner = {
    services.drone-runner-exec = {
      enable = true;
      server = "drone.example.net";
      environmentFile = "/run/secrets/drone-runner";
    };
  };
  bridge = {
    services.cc-ci = {
      settings = {
        forge = "https://git.example.net";
        drone_server = "https://drone.example.net";
        drone_token_file = "/run/secrets/run-drone-token";
      };
      bridge = {
        enable = true;
        repositories = [ "recipes/immich" "recipes/plausible" ];
        organization = "recipes";
        droneRepository = "ops/recipe-ci";
        forgeTokenFile = "/run/secrets/bridge-forge-token";
        droneTokenFile = "/run/secrets/bridge-drone-token";
        webhookSecretFile = "/run/secrets/bridge-webhook";
      };
      dashboard = {
        enable = true;
        url = "https://ci.example.net";
      };
    };
  };
  many = {
    services.cc-ci.lock = {
      engine = "etcd";
      etcd = {
        endpoints = [ "https://10.0.0.1:2379" "https://etcd-2.example.net:2379" ];
        prefix = "/ci/";
        ttl = "2min";
        margin = "45s";
        host = "ci-1";
        caFile = "/etc/secrets/etcd-ca.pem";
        certFile = "/etc/secrets/etcd-client.pem";
        keyFile = "/run/secrets/etcd-client-key";
        user = "cc-ci";
        passwordFile = "/run/secrets/etcd-password";
      };
    };
  };
  wrongLock =
    says: settings: wrong says { imports = [ many { services.cc-ci.lock.etcd = settings; } ]; };
  wrongBridge =
    says: settings: wrong says { imports = [ bridge { services.cc-ci.bridge = settings; } ]; };
  apps =
    settings:
    {
      configuration =
        { pkgs, ... }:
        {
          imports = [
            (import ../nixos/common.nix { module = { }; })
            settings
          ];
          services.drone-runner-exec = {
            enable = true;
            server = "drone.example.net";
            environmentFile = "/etc/drone-runner-secret";
            packages = [ pkgs.jq ];
          };
          environment.etc."drone-runner-secret".text = "DRONE_RPC_SECRET='not secret'";
        };
    };
  wrongRunner =
    says: settings: wrong says { imports = [ runner { services.drone-runner-exec = settings; } ]; };
in
{
  default = with' { };
  runner = with' runner;

  full = with' (
    { pkgs, ... }:
    {
      services.cc-ci = {
        user = "ci";
        settings = {
          platform = "abra";
          base_domain = "ci.example.net";
          lock_dir = "/run/cc-ci-locks";
          runs_dir = "/srv/runs";
          state_dir = "/srv/warm";
          deadline = "45min";
          teardown_budget = "5min";
          forge = "https://git.example.net";
          forge_token_file = "/run/secrets/forge-token";
          restic_repository = "/srv/backups";
          restic_password_file = "/run/secrets/restic";
          # One that the module does not declare.
          health_codes = [ 200 ];
        };
        extraPackages = [ pkgs.abra ];
        swarm.init = true;
        janitor.interval = "5min";
        warm = {
          reconcile = true;
          interval = "2h";
        };
        prune = {
          olderThan = "7d";
          keep = 100;
        };
        metrics = {
          enable = true;
          textfileDirectory = "/srv/textfiles";
        };
        limits = {
          MemoryMax = "8G";
          CPUWeight = 50;
        };
        journalBurst = 5000;
      };
      services.drone-runner-exec = {
        enable = true;
        server = "drone.example.net:8443";
        protocol = "http";
        environmentFile = "/run/secrets/drone-runner";
        capacity = 3;
        packages = [ pkgs.jq ];
        limits = {
          repositories = [ "ops/recipe-ci" "ops/other" ];
          events = [ "custom" ];
          trusted = true;
        };
        onStop = "cancel";
        environment.DRONE_DEBUG = "true";
      };
      services.prometheus.exporters.node = {
        enable = true;
        extraFlags = [ "--collector.textfile.directory=/srv/textfiles" ];
      };
      # What an operator may want to loosen, and to add.
      systemd.services.cc-ci-reap.serviceConfig.ProtectHome = "read-only";
    }
  );

  # What the stories here are performed on: apps are directories.
  runner-waits = apps {
    services.drone-runner-exec = {
      capacity = 3;
      limits = {
        repositories = [ "ops/recipe-ci" "ops/other" ];
        events = [ "custom" "push" ];
        trusted = true;
      };
    };
    services.cc-ci = {
      settings = {
        lock_dir = "/run/locks";
        runs_dir = "/srv/runs";
        state_dir = "/srv/warm";
      };
      metrics.enable = true;
      limits = {
        CPUWeight = 50;
        TasksMax = 512;
      };
    };
  };
  janitor-on-swarm = with' {
    services.cc-ci = {
      swarm.init = true;
      settings.base_domain = "ci.example.net";
    };
  };
  services = with' bridge;
  bridge-that-polls = with' {
    imports = [ bridge ];
    services.cc-ci.bridge = {
      listen = null;
      webhookSecretFile = lib.mkForce "";
    };
    services.cc-ci.dashboard.listen = "/run/cc-ci-dashboard.socket";
  };
  runner-cancels = apps { services.drone-runner-exec.onStop = "cancel"; };

  many = with' many;
  # One of three members is on the host itself.
  many-with-etcd = with' {
    imports = [ many ];
    services.etcd.enable = true;
  };
  # With all that has a default.
  many-in-one-line = with' {
    services.cc-ci.lock = {
      engine = "etcd";
      etcd.endpoints = [ "http://etcd:2379" ];
    };
  };
  metrics = with' { services.cc-ci.metrics.enable = true; };
  off.configuration = { };
  others-on-the-host = with' {
    systemd.slices.cc-ci.sliceConfig.CPUWeight = 20;
    services.journald.rateLimitBurst = 7;
  };

  # --- wrong

  no-docker = wrong ''platform is "swarm", which deploys to Docker'' {
    virtualisation.docker.enable = lib.mkForce false;
  };
  live-restore = wrong "Docker refuses to be a Swarm with live restore" {
    virtualisation.docker.liveRestore = lib.mkForce true;
  };
  swarm-without-docker = wrong "services.cc-ci.swarm.init makes Docker a Swarm" {
    virtualisation.docker.enable = lib.mkForce false;
    services.cc-ci = {
      settings.platform = "command";
      swarm.init = true;
    };
  };
  control-groups-v1 = wrong "takes cgroup v2" {
    boot.kernelParams = [ "systemd.unified_cgroup_hierarchy=0" ];
  };
  repository-without-password = wrong "restic_repository and restic_password_file go together" {
    services.cc-ci.settings.restic_repository = "/srv/backups";
  };
  token-in-store = wrong "forge_token_file, drone_token_file and restic_password_file must not be in the Nix store" {
    services.cc-ci.settings.forge_token_file = "${builtins.storeDir}/token";
  };
  janitor-without-platform = wrong "there is nothing that the janitor could see" {
    services.cc-ci.settings.platform = "none";
  };
  locks-of-another = wrong "services.cc-ci.user is ci, who may make no file in /run/lock" {
    imports = [ runner ];
    services.cc-ci = {
      user = "ci";
      settings.lock_dir = "/run/lock";
    };
  };
  metrics-that-nobody-reads = wrong "where the node exporter of this host does not look" {
    services.cc-ci.metrics.enable = true;
    services.prometheus.exporters.node = {
      enable = true;
      extraFlags = [ "--collector.textfile.directory=/var/lib/others" ];
    };
  };
  runner-of-another = wrongRunner "the janitor of one does not touch what the runs of the other leave" {
    user = "ci";
  };
  unknown-platform = wrong ''option `services.cc-ci.settings.platform' is not of type `one of "none", "swarm", "abra", "command"'' {
    services.cc-ci.settings.platform = "kubernetes";
  };
  domain-with-space = wrong "option `services.cc-ci.settings.base_domain' is not of type" {
    services.cc-ci.settings.base_domain = "ci example";
  };
  relative-lock-dir = wrong "option `services.cc-ci.settings.lock_dir' is not of type `absolute path'" {
    services.cc-ci.settings.lock_dir = "locks";
  };
  deadline-as-number = wrong "option `services.cc-ci.settings.deadline' is not of type" {
    services.cc-ci.settings.deadline = 60;
  };
  misspelt-option = wrong "The option `services.cc-ci.janitr' does not exist" {
    services.cc-ci.janitr.enable = false;
  };
  limit-as-list = wrong "option `services.cc-ci.limits.MemoryMax' is not of type" {
    services.cc-ci.limits.MemoryMax = [ "8G" ];
  };
  no-burst = wrong "option `services.cc-ci.journalBurst' is not of type `positive integer, meaning >0'" {
    services.cc-ci.journalBurst = 0;
  };
  bridge-to-nowhere = wrong "set services.cc-ci.settings.forge and services.cc-ci.settings.drone_server" {
    imports = [ bridge ];
    services.cc-ci.settings.drone_server = lib.mkForce "";
  };
  bridge-of-no-repository = wrongBridge "there is no pull request to look at" {
    repositories = lib.mkForce [ ];
  };
  unsigned-webhooks = wrongBridge "believes only those that are signed" {
    webhookSecretFile = lib.mkForce "";
  };
  deaf-bridge = wrongBridge "it hears of no comment" {
    listen = null;
    poll = "0";
  };
  bridge-token-in-store = wrongBridge "services.cc-ci.bridge: forgeTokenFile, droneTokenFile and webhookSecretFile must not be in the Nix store" {
    droneTokenFile = lib.mkForce "${builtins.storeDir}/token";
  };
  bridge-without-token = wrong "option `services.cc-ci.bridge.forgeTokenFile' was accessed but has no value defined" {
    services.cc-ci = {
      inherit (bridge.services.cc-ci) settings;
      bridge = removeAttrs bridge.services.cc-ci.bridge [ "forgeTokenFile" ];
    };
  };
  etcd-nowhere = wrongLock "say in services.cc-ci.lock.etcd.endpoints where that is" {
    endpoints = lib.mkForce [ ];
  };
  certificate-without-key = wrongLock "services.cc-ci.lock.etcd: certFile and keyFile go together" {
    keyFile = lib.mkForce "";
  };
  user-without-password = wrongLock "services.cc-ci.lock.etcd: user and passwordFile go together" {
    passwordFile = lib.mkForce "";
  };
  lock-key-in-store = wrongLock "services.cc-ci.lock.etcd: keyFile and passwordFile must not be in the Nix store" {
    keyFile = lib.mkForce "${builtins.storeDir}/key";
  };
  unknown-engine = wrong ''option `services.cc-ci.lock.engine' is not of type `one of "flock", "etcd"'' {
    services.cc-ci.lock.engine = "zookeeper";
  };
  endpoint-without-port = wrongLock "definition for option `services.cc-ci.lock.etcd.endpoints" {
    endpoints = [ "https://10.0.0.3" ];
  };
  prefix-without-slash = wrongLock "option `services.cc-ci.lock.etcd.prefix' is not of type" {
    prefix = lib.mkForce "/ci";
  };
  repository-as-url = wrongBridge "definition for option `services.cc-ci.bridge.repositories" {
    repositories = [ "https://git.example.net/recipes/immich" ];
  };
  url-with-slash = wrong "option `services.cc-ci.dashboard.url' is not of type" {
    services.cc-ci.dashboard = {
      enable = true;
      url = "https://ci.example.net/";
    };
  };
  # What only cc-ci itself knows.
  misspelt-key = wrong "unknown key" { services.cc-ci.settings.base_domian = "ci.example.net"; };
  lease-too-short = wrongLock "whole seconds from 5s to 1h" {
    ttl = lib.mkForce "4s";
    margin = lib.mkForce "1s";
  };
  margin-too-long = wrongLock "from 1s to half of 'ttl'" { margin = lib.mkForce "61s"; };
  deadline-of-nothing = wrong "deadline" { services.cc-ci.settings.deadline = "0s"; };

  runner-without-server = wrong "option `services.drone-runner-exec.server' was accessed but has no value defined" {
    services.drone-runner-exec = {
      enable = true;
      environmentFile = "/run/secrets/drone-runner";
    };
  };
  runner-without-secret = wrong "option `services.drone-runner-exec.environmentFile' was accessed but has no value defined" {
    services.drone-runner-exec = {
      enable = true;
      server = "drone.example.net";
    };
  };
  server-with-scheme = wrongRunner "option `services.drone-runner-exec.server' is not of type" {
    server = lib.mkForce "https://drone.example.net";
  };
  secret-in-store = wrongRunner "services.drone-runner-exec.environmentFile must not be in the Nix store" {
    environmentFile = lib.mkForce "${builtins.storeDir}/secret";
  };
  no-capacity = wrongRunner "option `services.drone-runner-exec.capacity' is not of type `positive integer, meaning >0'" {
    capacity = 0;
  };
  capacity-twice = wrongRunner "DRONE_RUNNER_CAPACITY is said by an option of its own" {
    environment.DRONE_RUNNER_CAPACITY = "4";
  };
  secret-as-option = wrongRunner "put DRONE_RPC_SECRET into environmentFile" {
    environment.DRONE_RPC_SECRET = "secret";
  };
  unknown-event = wrongRunner "limits.events" { limits.events = [ "comment" ]; };
  unknown-stop = wrongRunner ''option `services.drone-runner-exec.onStop' is not of type `one of "wait", "cancel"'' {
    onStop = "kill";
  };
}
