#pragma once

#include <chrono>
#include <string>

#include "recipe/app.hpp"
#include "recipe/recipe_run.hpp"

namespace ccci::recipe {

/// The parts of which the tiers consist. Each throws RecipeError when the recipe fails it.

/// Deploys what is in the run's tree, over whatever runs already: env file from the sample,
/// secrets, images, the hook install_steps, deploy, converged, healthy. Sets run.url.
void bring_up(RecipeRun& run);

/// The app as the run's tree and its env file say, whatever runs. Throws as well when one of them
/// is not there.
App read_app(const RecipeRun& run);

/// Deploys exactly that, with no hook, new secret or count: images, deploy, converged, healthy.
/// Sets run.url.
void bring_back_up(RecipeRun& run, const App& app);

/// Finds out where an app answers that is deployed already. Sets run.url.
void find_url(RecipeRun& run);

/// Waits until all services have converged, at most so long.
void become_converged(RecipeRun& run, std::chrono::microseconds limit);

/// Waits until the app answers as it should; returns the HTTP code.
long become_healthy(const RecipeRun& run);

/// Runs the hooks of this name, if there are any, on behalf of a tier.
void run_tier_hooks(const RecipeRun& run, naming::Tier tier, const std::string& name);

/// Runs the tier's tests and fills them in. False when there are none.
bool run_tier_tests(RecipeRun& run, TierResult& result);

/// The run must have deployed exactly so often by now.
void expect_deploys(const RecipeRun& run, int count);

}  // namespace ccci::recipe
