#pragma once

#include "platform/platform.hpp"
#include "recipe/job.hpp"

namespace ccci::recipe {

/// Makes the warm app of job.recipe, at job.domain, what its canonical state says: nothing is done
/// when it is untouched, converged and healthy. Its secrets keep their values, since the Swarm
/// does not hand them out; what else the state does not know is removed. Without a canonical state
/// the app is torn down. May be killed at any moment: the next one completes it.
///
/// Returns what was removed, and what should have been and is still there; the app is not brought
/// back then. Throws when it cannot be.
platform::TeardownReport restore_warm_app(const JobContext& job);

/// Takes the canonical state away, and then the app.
platform::TeardownReport remove_warm_app(const JobContext& job);

}  // namespace ccci::recipe
