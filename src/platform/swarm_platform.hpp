#pragma once

#include "platform/platform.hpp"
#include "platform/stack_teardown.hpp"

namespace ccci::platform {

/// Finds and removes apps over the Engine API, by labels and names alone, so that it works when the
/// recipe, the env file and the run that made the app are gone.
class SwarmPlatform : public Platform {
public:
    explicit SwarmPlatform(const run::Config& config, Patience patience = {})
        : config_{config}, patience_{patience} {}

    std::vector<App> list(const run::RunAppPattern& pattern) override;

    /// Stops before `until` when its patience is at an end.
    TeardownReport teardown(const std::string& domain,
                            std::chrono::steady_clock::time_point until) override;

private:
    run::Config config_;
    Patience patience_;
};

}  // namespace ccci::platform
