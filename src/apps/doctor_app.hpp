#pragma once

#include <CLI/CLI.hpp>

#include "program/action.hpp"

namespace ccci::apps {

/// What only this program can look at: the engine, and what a janitor would do. Prints checks as
/// JSON.
program::Action add_doctor(CLI::App& program);

}  // namespace ccci::apps
