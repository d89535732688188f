#pragma once

#include <filesystem>
#include <string>

#include "run/config.hpp"

namespace ccci::naming {

/// Where the warm app of a recipe is deployed: `warm-<recipe>.<base domain>`. Throws UsageError
/// when that is no domain, or the name of a run app, which a janitor would remove.
std::string warm_app_domain(const std::string& recipe, const run::Config& config);

/// Where what is known of warm apps is kept, a directory for each recipe.
std::filesystem::path warm_apps_directory(const run::Config& config);
std::filesystem::path warm_app_directory(const std::string& recipe, const run::Config& config);

/// The link in a warm app's directory to its canonical state; without it there is no warm app.
inline constexpr const char* k_current = "current";

/// "recipe immich has no warm app; cc-ci warm promote --recipe immich makes one"
std::string no_warm_app(const std::string& recipe);

}  // namespace ccci::naming
