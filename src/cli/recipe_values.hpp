#pragma once

#include <string>
#include <vector>

#include "cli/context.hpp"
#include "launch/step.hpp"
#include "naming/stages.hpp"
#include "run/config.hpp"

namespace ccci::cli {

/// The option, else the variable that Drone passes, else nothing.
std::string choose(const std::string& option, const Context& context, const char* variable);

/// The option is given, or the variable is "1".
bool is_set(bool option, const Context& context, const char* variable);

/// What code a recipe run is to take, checked.
struct RecipeCode {
    std::string recipe;
    std::string ref;
    std::string pull_request;
    std::string source;
};

/// Throws UsageError.
RecipeCode check_code(RecipeCode code, const run::Config& config);
std::string check_recipe_name(const std::string& name);

/// What is in force, with a platform that recipes can be deployed on. Throws UsageError.
run::Config recipe_config(const Context& context);
run::Config warm_config(const Context& context);

/// The environment of a recipe job.
std::vector<std::string> recipe_environment(const Context& context, const RecipeCode& code,
                                            const std::string& stages, bool skip_fetch);

/// A run of this lane on the recipe's warm app, for which the order gets its domain, programs and
/// label. Throws UsageError when there is none, unless it is to be made.
launch::Order order_on_warm_app(naming::Lane lane, const RecipeCode& code,
                                const run::Config& config, std::vector<std::string> environment);

}  // namespace ccci::cli
