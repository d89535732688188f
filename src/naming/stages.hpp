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

/// The tiers that a STAGES value asks for, in their order, each once; fetch is always among them,
/// install if any other one is but lint, which takes no app, and backup if restore is.
/// Names are separated by commas or white space; nothing means everything. Throws UsageError for a
/// name that is unknown.
std::vector<Tier> parse_stages(std::string_view text);

}  // namespace ccci::naming
