#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "run/lock_settings.hpp"
#include "run/names.hpp"

namespace ccci::run {

enum class PlatformKind { none, swarm, abra, command };

/// The operator's configuration, checked. Every key of the file is described in
/// docs/configuration.md.
struct Config {
    std::filesystem::path lock_dir = "/run/lock";
    std::filesystem::path runs_dir = "/var/lib/cc-ci-runs";
    /// What outlives runs: the canonical states of warm apps.
    std::filesystem::path state_dir = "/var/lib/cc-ci";
    LockSettings lock;
    std::string base_domain = "ci.localhost";
    RunAppPattern run_app_pattern = RunAppPattern::for_base_domain("ci.localhost");

    PlatformKind platform = PlatformKind::none;
    /// PlatformKind::command: prints one domain a line.
    std::string list_command;
    /// PlatformKind::command: tears CCCI_DOMAIN down; exit 0 means that nothing is left.
    std::string teardown_command;
    /// PlatformKind::command: how long one of them may take.
    std::chrono::microseconds command_timeout = std::chrono::minutes{10};

    std::chrono::microseconds deadline = std::chrono::minutes{60};
    std::chrono::microseconds teardown_budget = std::chrono::minutes{10};
    /// How long a job has between TERM and KILL; never more than a quarter of the budget.
    std::chrono::microseconds stop_grace = std::chrono::seconds{10};

    /// After so long without a line a step's log says what is going on; zero: never.
    std::chrono::microseconds heartbeat = std::chrono::minutes{1};

    /// Where Drone is, and a file with a token that may read its builds; without that, runs do not
    /// ask.
    std::string drone_server;
    std::filesystem::path drone_token_file;
    /// How often it is asked about the build of a run.
    std::chrono::microseconds drone_poll = std::chrono::seconds{20};

    /// The bridge: "owner/name" of the recipes whose pull requests may be tested, and an
    /// organisation whose members may ask for that.
    std::vector<std::string> bridge_repositories;
    std::string bridge_organization;
    /// Whose pipeline is started, and of which branch.
    std::string bridge_drone_repository;
    std::string bridge_drone_branch = "main";
    /// How often comments are looked for; zero: never.
    std::chrono::microseconds bridge_poll = std::chrono::seconds{30};
    /// Where webhooks are taken; empty: nowhere.
    std::string bridge_listen;
    std::filesystem::path bridge_forge_token_file;
    std::filesystem::path bridge_drone_token_file;
    std::filesystem::path bridge_secret_file;

    /// Where the dashboard listens; empty: only where systemd has passed a socket.
    std::string dashboard_listen = "127.0.0.1:8791";
    /// What the dashboard is for others, for links to it: https://ci.example.net
    std::string dashboard_url;

    std::filesystem::path docker_socket = "/var/run/docker.sock";
    /// docker stack deploy --resolve-image: always, changed or never.
    std::string resolve_image = "always";

    /// What "owner/name" in SRC is completed with: https://git.example.net
    std::string forge;
    /// A file with the token for private mirrors below `forge`; read by the fetch only.
    std::filesystem::path forge_token_file;
    /// The canonical abra directory: servers/, catalogue/, recipes/.
    std::filesystem::path abra_dir = "/root/.abra";
    /// PlatformKind::abra: a name to be found in PATH, or an absolute path.
    std::string abra_command = "abra";
    /// PlatformKind::abra: backups are the server's backupbot's, which abra calls.
    bool abra_backups = false;
    std::filesystem::path site_tests_dir;
    /// A Chromium: a name to be found in PATH, or an absolute path; empty: no screenshots.
    std::string screenshot_command;
    /// Where an app answers; {domain} and {published_port} (of the service "app") are replaced.
    std::string health_url = "https://{domain}/";
    std::vector<int> health_codes = {200, 301, 302, 303, 307, 308, 401, 403};
    std::chrono::microseconds health_timeout = std::chrono::minutes{5};
    std::chrono::microseconds converge_timeout = std::chrono::minutes{5};
    std::chrono::microseconds pull_timeout = std::chrono::minutes{15};

    /// Where backups go for the time of a run; both empty: into the run directory.
    std::string restic_repository;
    std::filesystem::path restic_password_file;

    /// Not of the file: the revision at which the domain became that of the run which we are a part
    /// of (docs/many-hosts.md). 0: domains are locked for this host only.
    std::int64_t lock_revision = 0;

    /// Where each value came from that is not the default: "/etc/cc-ci/config.json",
    /// "CCCI_RUNS_DIR".
    std::map<std::string, std::string> origin;
};

/// Applies the keys of one file (already parsed) over `config`. Unknown keys and wrong types are
/// UsageErrors that name the key and `file`.
void apply_json(Config& config, const nlohmann::json& json, const std::string& file);

/// Applies CCCI_APP_LOCK_DIR, CCCI_RUNS_DIR, CCCI_BASE_DOMAIN and CCCI_PLATFORM over `config`.
void apply_environment(Config& config, const std::vector<std::string>& environment);

/// The defaults, then the file (`path`, or /etc/cc-ci/config.json if that exists), then the
/// environment. A `path` that was asked for by name must exist. Throws UsageError.
Config load_config(const std::optional<std::filesystem::path>& path,
                   const std::vector<std::string>& environment);

/// The effective values as JSON, in the form of the file: for a child of ours that is to see
/// exactly what we see.
nlohmann::json to_json(const Config& config);

std::string to_string(PlatformKind kind);

/// Apps of these are on the Swarm: found and removed over the Engine API, and what recipes need.
bool is_on_swarm(PlatformKind kind);

}  // namespace ccci::run
