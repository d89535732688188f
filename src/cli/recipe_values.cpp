#include "cli/recipe_values.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/process.hpp"
#include "cli/programs.hpp"
#include "naming/domain.hpp"
#include "naming/warm.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::cli {

namespace {

/// The job lives longer than the step's workspace, where Drone puts its HOME.
std::string own_home() {
    const passwd* entry = ::getpwuid(::geteuid());
    return entry != nullptr && entry->pw_dir != nullptr ? entry->pw_dir : "/";
}

bool has_warm_app(const std::string& recipe, const run::Config& config) {
    std::error_code error;
    const auto link = naming::warm_app_directory(recipe, config) / naming::k_current;
    return std::filesystem::is_symlink(std::filesystem::symlink_status(link, error));
}

}  // namespace

std::string choose(const std::string& option, const Context& context, const char* variable) {
    return option.empty() ? base::find_variable(context.environment, variable).value_or("")
                          : option;
}

bool is_set(bool option, const Context& context, const char* variable) {
    return option || base::find_variable(context.environment, variable).value_or("") == "1";
}

std::string check_recipe_name(const std::string& name) {
    if (name.empty()) {
        throw run::UsageError{"no recipe given: --recipe NAME, or RECIPE in the environment"};
    }
    return run::check_recipe(name);
}

RecipeCode check_code(RecipeCode code, const run::Config& config) {
    code.recipe = check_recipe_name(code.recipe);
    code.pull_request = run::check_pull_request(code.pull_request);
    if (!code.ref.empty()) {
        code.ref = run::check_ref(code.ref);
    }
    if (!code.source.empty()) {
        code.source = run::check_source(code.source);
        (void)naming::clone_url(code.source, config.forge);
    }
    return code;
}

run::Config recipe_config(const Context& context) {
    run::Config config = context.config();
    if (config.platform == run::PlatformKind::none) {
        config.platform = run::PlatformKind::swarm;
    }
    if (!run::is_on_swarm(config.platform)) {
        throw run::UsageError{"recipes need the platform swarm or abra"};
    }
    return config;
}

run::Config warm_config(const Context& context) {
    run::Config config = recipe_config(context);
    if (config.platform != run::PlatformKind::swarm) {
        throw run::UsageError{"the quick lane and warm apps need the platform swarm"};
    }
    return config;
}

std::vector<std::string> recipe_environment(const Context& context, const RecipeCode& code,
                                            const std::string& stages, bool skip_fetch) {
    std::vector<std::string> environment = context.environment;
    base::set_variable(environment, "RECIPE", code.recipe);
    base::set_variable(environment, "REF", code.ref);
    base::set_variable(environment, "PR", code.pull_request);
    base::set_variable(environment, "SRC", code.source);
    base::set_variable(environment, "STAGES", stages);
    base::set_variable(environment, "HOME", own_home());
    base::set_variable(environment, "CCCI_SKIP_FETCH", skip_fetch ? "1" : "0");
    return environment;
}

launch::Order order_on_warm_app(naming::Lane lane, const RecipeCode& code,
                                const run::Config& config, std::vector<std::string> environment) {
    if (lane == naming::Lane::quick && !has_warm_app(code.recipe, config)) {
        throw run::UsageError{naming::no_warm_app(code.recipe)};
    }
    launch::Order order;
    order.domain = naming::warm_app_domain(code.recipe, config);
    order.label = fmt::format("recipe {}{} {}", code.recipe,
                              code.pull_request.empty() ? "" : "#" + code.pull_request,
                              naming::to_string(lane));
    order.request.job = apps_call({"recipe-job", "--lane", std::string{naming::to_string(lane)}},
                                  config, environment);
    order.request.teardown =
        apps_call({"warm-restore", "--recipe", code.recipe}, config, std::move(environment));
    order.always_clean_slate = true;
    return order;
}

}  // namespace ccci::cli
