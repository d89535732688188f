#pragma once

#include "recipe/recipe_run.hpp"

namespace ccci::recipe {

/// Deploys the dependencies that the settings name, in their order, each at a domain of its own
/// below that domain's lock, and tells hooks and tests of them. All the locks are taken first and
/// held as long as `run` lives; waits for them as long as it takes. Throws RecipeError, which names
/// the dependency.
void deploy_dependencies(RecipeRun& run);

}  // namespace ccci::recipe
