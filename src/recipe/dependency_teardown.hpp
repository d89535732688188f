#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "recipe/finish.hpp"
#include "run/config.hpp"

namespace ccci::recipe {

/// Tears down what the run's job deployed beside its app, the last one first, each below the lock
/// of its domain. Where somebody else has that lock by now, the domain is theirs, and is left to
/// them. Needs nothing of the job but the list that it wrote. What goes wrong is in the answer.
std::vector<DependencyTeardown> tear_down_dependencies(const run::Config& config,
                                                       const std::filesystem::path& run_dir,
                                                       const std::string& run_id,
                                                       std::chrono::steady_clock::time_point until);

}  // namespace ccci::recipe
