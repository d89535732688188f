#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "janitor/plan.hpp"
#include "lease/domains.hpp"
#include "platform/platform.hpp"
#include "run/config.hpp"

namespace ccci::janitor {

/// What became of one candidate.
struct Outcome {
    Action action;
    bool done = true;         ///< false: it was to be reaped and is not, or could not be judged
    std::string report = {};  ///< what the teardown said, or what went wrong
};

/// What is known of the domains where they are locked for several hosts.
struct ClusterView {
    std::map<std::string, lease::Claimant> holders;  ///< by domain
    /// Nobody has these, and the last one who had did not say that nothing is left.
    std::set<std::string> unfinished;
    std::string problem;  ///< not empty: nobody could be asked, so nothing is reaped

    static ClusterView of(const std::vector<lease::Domain>& domains);
};

struct Options {
    bool dry_run = false;
    std::optional<std::string> only;  ///< this domain alone
    /// Leaves what is to be reaped, unlocked, in Pass::deferred.
    bool defer_reaps = false;
    std::optional<ClusterView> cluster = {};  ///< nullopt: locks are of this host only
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
