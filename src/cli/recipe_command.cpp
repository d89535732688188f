#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/guarded_run.hpp"
#include "cli/programs.hpp"
#include "cli/recipe_values.hpp"
#include "naming/domain.hpp"
#include "naming/stages.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::cli {

namespace {

struct RecipeOptions {
    std::string recipe;
    std::string ref;
    std::string pull_request;
    std::string source;
    std::string stages;
    std::string domain;
    bool quick = false;
    bool skip_fetch = false;
    GuardOptions guard;
};

int quick(const Context& context, const RecipeOptions& options, const RecipeCode& code,
          const std::string& stages) {
    if (!options.domain.empty()) {
        throw run::UsageError{"--domain and --quick exclude each other: a warm app has its domain"};
    }
    const run::Config config = warm_config(context);
    (void)naming::parse_quick_stages(stages);
    return run_guarded(context, config, options.guard,
                       order_on_warm_app(naming::Lane::quick, code, config,
                                         recipe_environment(context, code, stages,
                                                            is_set(options.skip_fetch, context,
                                                                   "CCCI_SKIP_FETCH"))));
}

int recipe(const Context& context, const RecipeOptions& options) {
    const run::Config config = recipe_config(context);
    const RecipeCode code = check_code({.recipe = choose(options.recipe, context, "RECIPE"),
                                        .ref = choose(options.ref, context, "REF"),
                                        .pull_request = choose(options.pull_request, context, "PR"),
                                        .source = choose(options.source, context, "SRC")},
                                       config);
    const std::string stages = choose(options.stages, context, "STAGES");
    if (is_set(options.quick, context, "CCCI_QUICK")) {
        return quick(context, options, code, stages);
    }
    (void)naming::parse_stages(stages);

    launch::Order order;
    order.domain = options.domain.empty() ? naming::run_app_domain(code.recipe, code.pull_request,
                                                                   code.ref, config.base_domain)
                                          : run::check_domain(options.domain);
    if (!config.run_app_pattern.matches(order.domain)) {
        throw run::UsageError{
            fmt::format("domain '{}' is no run app (run_app_pattern '{}'): what a "
                        "recipe run deploys is removed at its end",
                        order.domain, config.run_app_pattern.expression())};
    }
    order.label = fmt::format("recipe {}{}", code.recipe,
                              code.pull_request.empty() ? "" : "#" + code.pull_request);
    const std::vector<std::string> environment = recipe_environment(
        context, code, stages, is_set(options.skip_fetch, context, "CCCI_SKIP_FETCH"));
    order.request.job = apps_call({"recipe-job"}, config, environment);
    order.request.teardown =
        apps_call({"recipe-teardown", "--domain", order.domain}, config, environment);
    order.always_clean_slate = true;
    return run_guarded(context, config, options.guard, std::move(order));
}

}  // namespace

Action add_recipe(CLI::App& program) {
    auto options = std::make_shared<RecipeOptions>();
    CLI::App* command = program.add_subcommand("recipe");
    command->add_option("--recipe", options->recipe)->type_name("NAME");
    command->add_option("--ref", options->ref)->type_name("REF");
    command->add_option("--pr", options->pull_request)->type_name("NUMBER");
    command->add_option("--src", options->source)->type_name("REPOSITORY");
    command->add_option("--stages", options->stages)->type_name("STAGES");
    command->add_option("--domain", options->domain)->type_name("DOMAIN");
    command->add_flag("--quick", options->quick);
    command->add_flag("--skip-fetch", options->skip_fetch);
    add_guard_options(*command, options->guard);
    return [options](const Context& context) { return recipe(context, *options); };
}

}  // namespace ccci::cli
