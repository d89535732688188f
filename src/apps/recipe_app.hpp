#pragma once

#include <CLI/CLI.hpp>

#include "apps/action.hpp"

namespace ccci::apps {

/// `recipe-job [--lane L]`: the job of a recipe run; everything else that it is to do is in its
/// environment.
Action add_recipe_job(CLI::App& program);

/// `recipe-teardown --domain D`: its teardown, which also completes results.json.
Action add_recipe_teardown(CLI::App& program);

}  // namespace ccci::apps
