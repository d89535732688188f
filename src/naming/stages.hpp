#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::naming {

/// The parts of a recipe run, in the order in which they happen.
enum class Tier { fetch, install, upgrade, backup, restore, custom, lint };

inline constexpr std::array k_tiers{Tier::fetch,   Tier::install, Tier::upgrade, Tier::backup,
                                    Tier::restore, Tier::custom,  Tier::lint};

std::string_view to_string(Tier tier);

/// What a recipe run is for.
enum class Lane {
    full,       ///< to test the code on an app of its own
    quick,      ///< to test its upgrade on the warm app, which is made what it was afterwards
    promotion,  ///< to make it what the warm app is
};

std::string_view to_string(Lane lane);

/// The tiers that a STAGES value asks for, in their order, each once; fetch is always among them,
/// install if any other one is but lint, which takes no app, and backup if restore is.
/// Names are separated by commas or white space; nothing means everything. Throws UsageError for a
/// name that is unknown.
std::vector<Tier> parse_stages(std::string_view text);

/// The same for the quick lane, which has fetch, upgrade and custom; upgrade is among them if
/// custom is.
std::vector<Tier> parse_quick_stages(std::string_view text);

}  // namespace ccci::naming
