#pragma once

#include <functional>
#include <string>
#include <vector>

#include "run/config.hpp"

namespace ccci::program {

/// A command's work, given the configuration in force and the environment; returns the exit code.
using Action =
    std::function<int(const run::Config& config, const std::vector<std::string>& environment)>;

}  // namespace ccci::program
