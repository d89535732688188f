#pragma once

#include <CLI/CLI.hpp>

#include "program/action.hpp"

namespace ccci::services {

/// Serves the page of runs until it is told to stop.
program::Action add_dashboard(CLI::App& program);

}  // namespace ccci::services
