#pragma once

#include <CLI/CLI.hpp>

#include "program/action.hpp"

namespace ccci::services {

/// The service that starts builds for comments and answers with what came of them; with --check
/// only what its tokens are good for.
program::Action add_bridge(CLI::App& program);

}  // namespace ccci::services
