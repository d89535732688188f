#pragma once

#include <CLI/CLI.hpp>

#include "program/action.hpp"

namespace ccci::apps {

/// `recipe-job [--lane L]`: the job of a recipe run; everything else that it is to do is in its
/// environment.
program::Action add_recipe_job(CLI::App& program);

/// `recipe-teardown --domain D`: its teardown, which also completes results.json.
program::Action add_recipe_teardown(CLI::App& program);

}  // namespace ccci::apps
