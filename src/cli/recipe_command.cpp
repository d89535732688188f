#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <memory>

#include "base/process.hpp"
#include "cli/commands.hpp"
#include "cli/guarded_run.hpp"
#include "cli/programs.hpp"
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

/// The option, else the variable that Drone passes, else nothing.
std::string choose(const std::string& option, const Context& context, const char* variable) {
    return option.empty() ? base::find_variable(context.environment, variable).value_or("")
                          : option;
}

bool is_set(bool option, const Context& context, const char* variable) {
    return option || base::find_variable(context.environment, variable).value_or("") == "1";
}

/// The job lives longer than the step's workspace, where Drone puts its HOME.
std::string own_home() {
    const passwd* entry = ::getpwuid(::geteuid());
    return entry != nullptr && entry->pw_dir != nullptr ? entry->pw_dir : "/";
}

int recipe(const Context& context, const RecipeOptions& options) {
    run::Config config = context.config();
    const std::string name = choose(options.recipe, context, "RECIPE");
    if (name.empty()) {
        throw run::UsageError{"no recipe given: --recipe NAME, or RECIPE in the environment"};
    }
    const std::string recipe = run::check_recipe(name);
    const std::string pull_request =
        run::check_pull_request(choose(options.pull_request, context, "PR"));
    std::string ref = choose(options.ref, context, "REF");
    std::string source = choose(options.source, context, "SRC");
    const std::string stages = choose(options.stages, context, "STAGES");
    (void)naming::parse_stages(stages);
    if (is_set(options.quick, context, "CCCI_QUICK")) {
        throw run::UsageError{"--quick (CCCI_QUICK=1): the quick lane is not available yet"};
    }
    if (!ref.empty()) {
        ref = run::check_ref(ref);
    }
    if (!source.empty()) {
        source = run::check_source(source);
        (void)naming::clone_url(source, config.forge);
    }
    if (config.platform == run::PlatformKind::none) {
        config.platform = run::PlatformKind::swarm;
    }
    if (!run::is_on_swarm(config.platform)) {
        throw run::UsageError{"recipes need the platform swarm or abra"};
    }

    launch::Order order;
    order.domain = options.domain.empty()
                       ? naming::run_app_domain(recipe, pull_request, ref, config.base_domain)
                       : run::check_domain(options.domain);
    if (!config.run_app_pattern.matches(order.domain)) {
        throw run::UsageError{
            fmt::format("domain '{}' is no run app (run_app_pattern '{}'): what a "
                        "recipe run deploys is removed at its end",
                        order.domain, config.run_app_pattern.expression())};
    }
    order.label = fmt::format("recipe {}{}", recipe,
                              pull_request.empty() ? "" : fmt::format("#{}", pull_request));
    std::vector<std::string> environment = context.environment;
    base::set_variable(environment, "RECIPE", recipe);
    base::set_variable(environment, "REF", ref);
    base::set_variable(environment, "PR", pull_request);
    base::set_variable(environment, "SRC", source);
    base::set_variable(environment, "STAGES", stages);
    base::set_variable(environment, "HOME", own_home());
    base::set_variable(environment, "CCCI_SKIP_FETCH",
                       is_set(options.skip_fetch, context, "CCCI_SKIP_FETCH") ? "1" : "0");
    order.request.job = apps_call({"recipe-job"}, config, environment);
    order.request.teardown =
        apps_call({"recipe-teardown", "--domain", order.domain}, config, environment);
    order.always_clean_slate = true;
    return run_guarded(context, config, options.guard, std::move(order));
}

}  // namespace

Action add_recipe(CLI::App& program) {
    auto options = std::make_shared<RecipeOptions>();
    CLI::App* command = program.add_subcommand(
        "recipe", "Fetch, deploy, check and tear down a recipe, as a guarded run");
    command->add_option("--recipe", options->recipe, "Name of the recipe (default $RECIPE)");
    command->add_option("--ref", options->ref, "Branch, tag or commit (default $REF)");
    command->add_option("--pr", options->pull_request, "Pull request number (default $PR)");
    command->add_option("--src", options->source, "Repository to clone (default $SRC)");
    command->add_option("--stages", options->stages, "Tiers to run (default $STAGES, else all)");
    command->add_option("--domain", options->domain, "Deploy here instead of the derived domain");
    command->add_flag("--quick", options->quick, "The quick lane (default $CCCI_QUICK)");
    command->add_flag("--skip-fetch", options->skip_fetch,
                      "Take the local copy as it is (default $CCCI_SKIP_FETCH)");
    add_guard_options(*command, options->guard);
    return [options](const Context& context) { return recipe(context, *options); };
}

}  // namespace ccci::cli
