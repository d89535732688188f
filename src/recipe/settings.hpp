#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "naming/stages.hpp"
#include "recipe/interpolate.hpp"
#include "run/config.hpp"

namespace ccci::recipe {

/// Another recipe that is deployed before this one.
struct Dependency {
    std::string recipe;
    std::string ref;  ///< empty: what the local copy's HEAD names
    bool operator==(const Dependency&) const = default;
};

/// How one recipe is run: the configuration, then what the recipe's cc-ci.json says, then the
/// operator's. docs/schemas/recipe-settings.schema.json describes these files.
struct Settings {
    std::string health_path;  ///< what is asked below the app's URL; empty: the URL itself
    std::vector<int> health_codes;
    std::chrono::microseconds health_timeout{};
    std::chrono::microseconds converge_timeout{};
    std::chrono::microseconds pull_timeout{};
    Variables env;                             ///< added to the env file of the app
    std::map<naming::Tier, std::string> skip;  ///< tiers that do not apply, and why
    std::vector<Dependency> dependencies;      ///< in the order in which they are deployed
    std::string screenshot;                    ///< the page to take one of; empty: none

    /// Who set it: "health.path" to "recipe" or "site". The configuration's are not here.
    std::map<std::string, std::string> origin;
};

/// What holds for every recipe.
Settings default_settings(const run::Config& config);

/// Applies the text of one file over `settings`. Throws RecipeError, in one line that names `file`
/// and the key; `settings` may be changed in part then.
void apply_settings(Settings& settings, std::string_view text, const std::string& file,
                    const std::string& origin);

}  // namespace ccci::recipe
