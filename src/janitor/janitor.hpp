#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "janitor/plan.hpp"
#include "platform/platform.hpp"
#include "run/config.hpp"

namespace ccci::janitor {

/// What became of one candidate.
struct Outcome {
    Action action;
    bool done = true;         ///< false: it was to be reaped and is not, or could not be judged
    std::string report = {};  ///< what the teardown said, or what went wrong
};

struct Options {
    bool dry_run = false;
    std::optional<std::string> only;  ///< this domain alone
    /// Leaves what is to be reaped, unlocked, in Pass::deferred.
    bool defer_reaps = false;
};

/// The result of one pass.
struct Pass {
    std::vector<Outcome> outcomes;      ///< ignored candidates are not among them
    std::vector<std::string> problems;  ///< what kept the pass from being complete
    std::vector<std::string> deferred = {};

    /// Everything that could be seen was dealt with.
    [[nodiscard]] bool is_complete() const;
};

/// Probes and reaps. `platform` may be nullptr: then only lock files are looked at. `tell` gets
/// each outcome when it is there. Never throws for one candidate's sake.
Pass make_pass(const run::Config& config, platform::Platform* platform, const Options& options,
               const std::function<void(const Outcome&)>& tell);

}  // namespace ccci::janitor
