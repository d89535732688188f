#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "bridge/bridge.hpp"
#include "drone/client.hpp"
#include "gitea/client.hpp"
#include "http/client.hpp"
#include "run/config.hpp"

namespace ccci::services {

/// What may be said on the command line beside the configuration.
struct BridgeOptions {
    std::string state_dir;
    std::string forge_token_file;
    std::string drone_token_file;
    std::string secret_file;
    bool check = false;
};

/// The configuration with the options over it, checked as a whole. Throws UsageError.
run::Config bridge_config(run::Config config, const BridgeOptions& options);

/// What is in a file that holds a secret, without the white space around it. Throws UsageError for
/// one that is not there or empty; `key` is what names it in the configuration.
std::string read_secret(const std::filesystem::path& file, const std::string& key);

/// Both servers, and the one connection to each.
struct BridgeClients {
    explicit BridgeClients(const run::Config& config);

    http::Client http;
    gitea::Client forge;
    drone::Client drone;
};

bridge::Rules bridge_rules(const run::Config& config);
bridge::Places bridge_places(const run::Config& config);

}  // namespace ccci::services
