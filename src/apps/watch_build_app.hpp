#pragma once

#include <CLI/CLI.hpp>

#include "program/action.hpp"

namespace ccci::apps {

/// Asks Drone every now and then for the state of a build, until somebody has killed it there. A
/// runner that did not hear of that goes on with the step as if nothing had happened.
///
/// Ends with 0 when the build is killed, with 1 when there is no sense in asking on, each with one
/// line on stdout that says so. A server that is away is asked again.
program::Action add_watch_build(CLI::App& program);

}  // namespace ccci::apps
