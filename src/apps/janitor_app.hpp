#pragma once

#include <CLI/CLI.hpp>

#include "program/action.hpp"

namespace ccci::apps {

/// `janitor`: exit 0 when everything that could be seen was dealt with, 1 when the pass is
/// incomplete.
program::Action add_janitor(CLI::App& program);

}  // namespace ccci::apps
