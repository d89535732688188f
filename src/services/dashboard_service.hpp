#pragma once

#include <string>
#include <vector>

#include "run/config.hpp"

namespace ccci::services {

/// `cc-ci dashboard`: serves the page of runs until it is told to stop.
int dashboard(const run::Config& config, const std::vector<std::string>& environment);

}  // namespace ccci::services
