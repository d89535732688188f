#pragma once

#include "platform/platform.hpp"

namespace ccci::platform {

/// The operator's two shell commands: one prints a domain a line, the other tears CCCI_DOMAIN down
/// and exits with 0 when nothing is left. Each may take config.command_timeout, then its process
/// group is killed. What they write to stderr goes to ours, and what the teardown prints, too.
class CommandPlatform : public Platform {
public:
    explicit CommandPlatform(const run::Config& config) : config_{config} {}

    std::vector<App> list(const run::RunAppPattern& pattern) override;
    TeardownReport teardown(const std::string& domain,
                            std::chrono::steady_clock::time_point until) override;

private:
    run::Config config_;
};

/// What a listing says: the domains that the pattern matches, each once, and the lines that are no
/// domain at all. A line of a domain that is no run app is nothing to remark on.
struct Listing {
    std::vector<App> apps;
    std::vector<std::string> invalid;  ///< printable
};
Listing parse_listing(const std::string& text, const run::RunAppPattern& pattern);

}  // namespace ccci::platform
