#include "recipe/level.hpp"

#include <vector>

namespace ccci::recipe {

namespace {

using naming::Tier;

/// Rung n is k_rungs[n - 1]; it stands on all of its tiers.
const std::vector<std::vector<Tier>>& rungs() {
    static const std::vector<std::vector<Tier>> k_rungs{
        {Tier::install}, {Tier::upgrade}, {Tier::backup, Tier::restore},
        {Tier::custom},  {Tier::lint},
    };
    return k_rungs;
}

bool stands_in_the_way(Outcome outcome) {
    return outcome != Outcome::pass && outcome != Outcome::skip;
}

}  // namespace

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::pass:
            return "pass";
        case Outcome::fail:
            return "fail";
        case Outcome::skip:
            return "skip";
        case Outcome::unverified:
            return "unverified";
        case Outcome::not_run:
            return "not-run";
    }
    return "unknown";
}

std::string_view describe(Outcome outcome) {
    switch (outcome) {
        case Outcome::pass:
            return "passed";
        case Outcome::fail:
            return "failed";
        case Outcome::skip:
            return "skipped";
        case Outcome::unverified:
            return "unverified";
        case Outcome::not_run:
            return "not run";
    }
    return "unknown";
}

Level compute_level(const std::function<Outcome(Tier)>& outcome_of) {
    Level level;
    int rung = 0;
    for (const std::vector<Tier>& tiers : rungs()) {
        ++rung;
        bool passed = false;
        for (const Tier tier : tiers) {
            const Outcome outcome = outcome_of(tier);
            if (stands_in_the_way(outcome)) {
                level.cap = {tier, outcome};
                return level;
            }
            passed = passed || outcome == Outcome::pass;
        }
        if (passed) {
            level.reached = rung;
        }
    }
    return level;
}

}  // namespace ccci::recipe
