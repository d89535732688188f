#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string_view>

#include "naming/stages.hpp"

namespace ccci::recipe {

/// How a tier or a test ended.
enum class Outcome {
    pass,
    fail,
    skip,        ///< declared: it does not apply
    unverified,  ///< it should have run and did not
    not_run,     ///< nobody asked for it
};

/// As in results.json: "pass", ..., "not-run".
std::string_view to_string(Outcome outcome);
/// For people: "passed", "failed", "skipped", "unverified", "not run".
std::string_view describe(Outcome outcome);

/// The rungs: 1 install, 2 upgrade, 3 backup and restore, 4 custom tests, 5 lint.
inline constexpr int k_highest_level = 5;

struct Level {
    int reached = 0;
    /// The tier that stands in the way of more, and how it ended; none when nothing does.
    struct Cap {
        naming::Tier tier{};
        Outcome outcome = Outcome::not_run;
        bool operator==(const Cap&) const = default;
    };
    std::optional<Cap> cap;
    bool operator==(const Level&) const = default;
};

/// The highest rung that passed with every rung below it passed, or skipped by declaration.
Level compute_level(const std::function<Outcome(naming::Tier)>& outcome_of);

}  // namespace ccci::recipe
