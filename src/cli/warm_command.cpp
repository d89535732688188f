#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/process.hpp"
#include "cli/commands.hpp"
#include "cli/guarded_run.hpp"
#include "cli/print.hpp"
#include "cli/programs.hpp"
#include "cli/recipe_values.hpp"
#include "naming/warm.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"
#include "run/verdict.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct WarmOptions {
    std::string recipe;
    std::string ref;
    std::string source;
    std::string after;
    bool json = false;
    GuardOptions guard;
};

/// The code of a full run that passed, and nothing that a pull request brought.
RecipeCode code_of_green_run(const run::Config& config, const std::string& id,
                             const std::string& recipe) {
    const fs::path file = config.runs_dir / run::check_run_id(id) / "results.json";
    const auto refuse = [&](const std::string& why) -> run::UsageError {
        return run::UsageError{fmt::format("--after {}: {}", id, why)};
    };
    const auto text = base::try_read_file(file);
    if (!text) {
        throw refuse(fmt::format("{} is not there", file.native()));
    }
    try {
        const json results = json::parse(*text);
        if (results.at("recipe") != recipe) {
            throw refuse("it is a run of another recipe");
        }
        if (results.at("verdict") != "passed" || results.at("lane") != "full" ||
            results.at("level").at("reached") == 0) {
            throw refuse("it is no full run that passed");
        }
        if (!results.at("pull_request").is_null() || results.at("modified") == true) {
            throw refuse("what it tested is not what is published");
        }
        const json& source = results.at("source");
        return {.recipe = recipe,
                .ref = results.at("commit").get<std::string>(),
                .pull_request = {},
                .source = source.is_null() ? "" : source.get<std::string>()};
    } catch (const json::exception&) {
        throw refuse(fmt::format("{} is no result of a run", file.native()));
    }
}

int promote(const Context& context, const WarmOptions& options) {
    const run::Config config = warm_config(context);
    const std::string recipe = check_recipe_name(choose(options.recipe, context, "RECIPE"));
    if (!options.after.empty() && !(options.ref.empty() && options.source.empty())) {
        throw run::UsageError{"--after names the code: it excludes --ref and --src"};
    }
    const RecipeCode code = check_code(
        options.after.empty() ? RecipeCode{.recipe = recipe,
                                           .ref = choose(options.ref, context, "REF"),
                                           .pull_request = {},
                                           .source = choose(options.source, context, "SRC")}
                              : code_of_green_run(config, options.after, recipe),
        config);
    return run_guarded(context, config, options.guard,
                       order_on_warm_app(naming::Lane::promotion, code, config,
                                         recipe_environment(context, code, "", false)));
}

/// A run whose job and whose teardown are the same program, which may be repeated at any time.
int run_twice(const Context& context, const WarmOptions& options, const std::string& program,
              const std::string& label) {
    const run::Config config = warm_config(context);
    const std::string recipe = check_recipe_name(options.recipe);
    std::error_code missing;
    if (!fs::is_directory(naming::warm_app_directory(recipe, config), missing)) {
        throw run::UsageError{naming::no_warm_app(recipe)};
    }
    launch::Order order;
    order.domain = naming::warm_app_domain(recipe, config);
    order.label = fmt::format("{} {}", label, recipe);
    order.request.job = apps_call({program, "--recipe", recipe}, config, context.environment);
    order.request.teardown = order.request.job;
    return run_guarded(context, config, options.guard, std::move(order));
}

std::vector<std::string> recipes_with_warm_apps(const run::Config& config) {
    std::vector<std::string> recipes;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator{naming::warm_apps_directory(config), missing}) {
        if (entry.is_directory()) {
            recipes.push_back(run::check_recipe(entry.path().filename()));
        }
    }
    if (missing && missing != std::errc::no_such_file_or_directory) {
        throw std::system_error{missing, naming::warm_apps_directory(config).native()};
    }
    return recipes;
}

/// Each in a process of its own, since a step is one run. Nobody waits for one that is at work: it
/// leaves a canonical app itself.
int reconcile_all(const Context& context) {
    int worst = 0;
    for (const std::string& recipe : recipes_with_warm_apps(context.config())) {
        base::Command command{.argv = {base::own_program()}, .out = 1, .err = 2};
        if (context.config_file) {
            command.argv.insert(command.argv.end(), {"--config", *context.config_file});
        }
        command.argv.insert(command.argv.end(), {"warm", "reconcile", "--recipe", recipe});
        auto started = base::spawn(command);
        if (const auto* failure = std::get_if<base::CannotExecute>(&started)) {
            throw std::runtime_error{failure->reason};
        }
        const int code = std::get<base::Child>(started).wait().shell_code();
        if (code == run::exit_code::not_acquired) {
            print(stdout, "{}: skipped, a run is at work on it\n", recipe);
        } else if (code != 0) {
            print(stdout, "{}: NOT RECONCILED, exit {}\n", recipe, code);
            worst = 1;
        }
    }
    return worst;
}

int list(const Context& context, const WarmOptions& options) {
    std::vector<std::string> arguments{"warm-list"};
    if (options.json) {
        arguments.emplace_back("--json");
    }
    become(apps_call(arguments, context.config(), context.environment));
}

}  // namespace

Action add_warm(CLI::App& program) {
    auto options = std::make_shared<WarmOptions>();
    CLI::App* warm = program.add_subcommand("warm");
    warm->require_subcommand(1);
    const auto add = [&](const std::string& name) {
        CLI::App* command = warm->add_subcommand(name);
        command->add_option("--recipe", options->recipe)->type_name("NAME");
        return command;
    };
    CLI::App* promotion = add("promote");
    add_guard_options(*promotion, options->guard);
    promotion->add_option("--ref", options->ref)->type_name("REF");
    promotion->add_option("--src", options->source)->type_name("REPOSITORY");
    promotion->add_option("--after", options->after)->type_name("RUN");
    const CLI::App* reconcile = add("reconcile");
    CLI::App* removal = add("remove");
    add_guard_options(*removal, options->guard);
    CLI::App* listing = warm->add_subcommand("list");
    listing->add_flag("--json", options->json);
    return [options, promotion, reconcile, removal](const Context& context) {
        if (promotion->parsed()) {
            return promote(context, *options);
        }
        if (removal->parsed()) {
            return run_twice(context, *options, "warm-remove", "warm remove");
        }
        if (reconcile->parsed()) {
            options->guard.no_wait = true;
            return options->recipe.empty()
                       ? reconcile_all(context)
                       : run_twice(context, *options, "warm-restore", "warm reconcile");
        }
        return list(context, *options);
    };
}

}  // namespace ccci::cli
