#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "run/config.hpp"

namespace ccci::platform {

/// An app that exists, at least in part.
struct App {
    std::string domain;
    std::string evidence;  ///< for people: "3 services, 1 volume"
};

/// What a teardown did and what it could not do.
struct TeardownReport {
    std::map<std::string, int> removed;  ///< count by kind: service, task, network, secret, ...
    std::vector<std::string> left;       ///< "volume immi-ad3e33_ci_example_net_db: in use"
    std::chrono::microseconds took{};
    /// Tasks of nodes that the Swarm does not reach; it ends them when it does.
    std::size_t out_of_reach = 0;

    /// Nothing of the app exists any more, checked after the removal.
    [[nodiscard]] bool clean() const { return left.empty(); }
    /// "removed 4 services, 1 network in 6.1s; nothing left"; then what is out of reach
    [[nodiscard]] std::string summary() const;
};

/// What knows how to find and remove apps. Calls block; whoever must stay responsive runs them in a
/// process of its own. All of it works without any state of the run that made the app.
class Platform {
public:
    Platform() = default;
    Platform(const Platform&) = delete;
    Platform& operator=(const Platform&) = delete;
    virtual ~Platform() = default;

    /// Every run app that exists in any form, also one of which only a volume is left.
    /// Throws when the platform cannot be asked.
    virtual std::vector<App> list(const run::RunAppPattern& pattern) = 0;

    /// Removes everything of the app and checks that nothing is left. An app that does not exist is
    /// torn down already: an empty, clean report. Stops trying at `until`.
    /// Throws when the platform cannot be asked; what could not be removed is in the report.
    virtual TeardownReport teardown(const std::string& domain,
                                    std::chrono::steady_clock::time_point until) = 0;
};

/// The platform that the configuration names; nullptr for PlatformKind::none.
std::unique_ptr<Platform> make_platform(const run::Config& config);

}  // namespace ccci::platform
