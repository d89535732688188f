#pragma once

#include <CLI/CLI.hpp>

#include "program/action.hpp"

namespace ccci::apps {

/// `warm-restore --recipe R`: makes a warm app what its canonical state says; the teardown of
/// every run on it, which also completes results.json. Exit 0: it is; 1: it is not.
program::Action add_warm_restore(CLI::App& program);

/// `warm-remove --recipe R`: removes a warm app and all that is known of it. Exit 0: it is gone.
program::Action add_warm_remove(CLI::App& program);

/// `warm-list [--json]`
program::Action add_warm_list(CLI::App& program);

}  // namespace ccci::apps
