#pragma once

#include <CLI/CLI.hpp>

#include "apps/action.hpp"

namespace ccci::apps {

/// What only this program can look at: the engine, and what a janitor would do. Prints checks as
/// JSON.
Action add_doctor(CLI::App& program);

}  // namespace ccci::apps
