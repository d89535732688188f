#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "recipe/app.hpp"
#include "recipe/settings.hpp"
#include "recipe/tier_tests.hpp"
#include "run/config.hpp"

namespace ccci::recipe {

/// The configuration, changed by cc-ci.json of the recipe and then of the operator, where there is
/// one. Throws RecipeError for what is wrong in the recipe's, UsageError for the operator's.
Settings load_settings(const run::Config& config, const TestFolders& folders);

/// The files compose.cc-ci.yml, the recipe's first.
std::vector<Overlay> find_overlays(const TestFolders& folders);

}  // namespace ccci::recipe
