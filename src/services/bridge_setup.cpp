#include "services/bridge_setup.hpp"

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "http/url.hpp"
#include "run/usage_error.hpp"

namespace ccci::services {

namespace {

/// The loop answers nobody meanwhile.
constexpr std::chrono::seconds k_request_limit{10};
constexpr std::size_t k_longest_secret = 4096;

void override_with(std::filesystem::path& file, const std::string& option) {
    if (!option.empty()) {
        file = option;
    }
}

void check_server(const std::string& url, const char* key) {
    if (url.empty()) {
        throw run::UsageError{fmt::format("the bridge needs {}", key)};
    }
    if (!http::keeps_secrets(url)) {
        throw run::UsageError{fmt::format(
            "{} '{}': a token would go over the network in the clear: want https, or a server on "
            "this host",
            key, url)};
    }
}

}  // namespace

run::Config bridge_config(run::Config config, const BridgeOptions& options) {
    override_with(config.state_dir, options.state_dir);
    override_with(config.bridge_forge_token_file, options.forge_token_file);
    override_with(config.bridge_drone_token_file, options.drone_token_file);
    override_with(config.bridge_secret_file, options.secret_file);
    check_server(config.forge, "forge");
    check_server(config.drone_server, "drone_server");
    if (config.bridge_repositories.empty()) {
        throw run::UsageError{"the bridge needs bridge_repositories"};
    }
    if (config.bridge_drone_repository.empty()) {
        throw run::UsageError{"the bridge needs bridge_drone_repository"};
    }
    if (config.bridge_drone_branch.empty()) {
        throw run::UsageError{"the bridge needs bridge_drone_branch"};
    }
    return config;
}

std::string read_secret(const std::filesystem::path& file, const std::string& key) {
    if (file.empty()) {
        throw run::UsageError{fmt::format("the bridge needs {}", key)};
    }
    const auto text = base::try_read_file(file, k_longest_secret);
    if (!text) {
        throw run::UsageError{fmt::format("{}: there is no {}", key, file.native())};
    }
    const std::string secret{base::trim(*text)};
    // A token is a part of a header.
    if (secret.empty() || secret.find_first_of("\r\n") != std::string::npos) {
        throw run::UsageError{
            fmt::format("{}: want one line in {}, and something in it", key, file.native())};
    }
    return secret;
}

BridgeClients::BridgeClients(const run::Config& config)
    : http{k_request_limit},
      forge{http, config.forge,
            read_secret(config.bridge_forge_token_file, "bridge_forge_token_file")},
      drone{http, config.drone_server,
            read_secret(config.bridge_drone_token_file, "bridge_drone_token_file"),
            config.bridge_drone_repository} {}

bridge::Rules bridge_rules(const run::Config& config) {
    return {.repositories = config.bridge_repositories,
            .organization = config.bridge_organization,
            .branch = config.bridge_drone_branch,
            .runs_dir = config.runs_dir,
            .follow_every = config.drone_poll,
            .poll_every = config.bridge_poll};
}

bridge::Places bridge_places(const run::Config& config) {
    return {.dashboard = http::without_slash(config.dashboard_url),
            .builds = fmt::format("{}/{}", http::without_slash(config.drone_server),
                                  config.bridge_drone_repository)};
}

}  // namespace ccci::services
