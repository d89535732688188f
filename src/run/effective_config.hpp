#pragma once

#include <string>
#include <vector>

#include "run/config.hpp"

namespace ccci::run {

/// For a program of ours that is started next: in its environment, so that it sees exactly the
/// configuration that we see.
void pass_config(std::vector<std::string>& environment, const Config& config);

/// What was passed. Throws UsageError where nothing was: somebody has called such a program by
/// hand.
Config effective_config(const std::vector<std::string>& environment);

}  // namespace ccci::run
