#include "apps/recipe_app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "apps/teardown_app.hpp"
#include "base/process.hpp"
#include "naming/stages.hpp"
#include "recipe/dependency_teardown.hpp"
#include "recipe/finish.hpp"
#include "recipe/job.hpp"
#include "recipe/kept_backup.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::apps {

namespace {

std::string variable(const std::vector<std::string>& environment, const char* name) {
    return base::find_variable(environment, name).value_or("");
}

std::string needed(const std::vector<std::string>& environment, const char* name) {
    std::string value = variable(environment, name);
    if (value.empty()) {
        throw run::UsageError{fmt::format("{} is not set", name)};
    }
    return value;
}

naming::Lane read_lane(const std::string& name) {
    for (const naming::Lane lane :
         {naming::Lane::full, naming::Lane::quick, naming::Lane::promotion}) {
        if (naming::to_string(lane) == name) {
            return lane;
        }
    }
    throw run::UsageError{"--lane: want full, quick or promotion"};
}

std::vector<naming::Tier> tiers_of(naming::Lane lane, const std::string& stages) {
    switch (lane) {
        case naming::Lane::quick:
            return naming::parse_quick_stages(stages);
        case naming::Lane::promotion:
            return {naming::Tier::fetch, naming::Tier::install};
        case naming::Lane::full:
            break;
    }
    return naming::parse_stages(stages);
}

int recipe_job(const run::Config& config, const std::vector<std::string>& environment,
               naming::Lane lane) {
    const std::string ref = variable(environment, "REF");
    const std::string source = variable(environment, "SRC");
    const recipe::JobContext job{
        .recipe = run::check_recipe(needed(environment, "RECIPE")),
        .ref = ref.empty() ? ref : run::check_ref(ref),
        .pull_request = run::check_pull_request(variable(environment, "PR")),
        .source = source.empty() ? source : run::check_source(source),
        .lane = lane,
        .stages = tiers_of(lane, variable(environment, "STAGES")),
        .skip_fetch = variable(environment, "CCCI_SKIP_FETCH") == "1",
        .run_id = run::check_run_id(needed(environment, "CCCI_RUN")),
        .run_dir = needed(environment, "CCCI_RUN_DIR"),
        .domain = run::check_domain(needed(environment, "CCCI_DOMAIN")),
        .config = config,
        .environment = environment,
    };
    return recipe::run_job(job);
}

/// After the app, which matters more. What is left is said, and no leftover of the app.
void remove_backup(const run::Config& config, const std::vector<std::string>& environment) {
    const auto longest =
        std::min<std::chrono::microseconds>(config.teardown_budget / 20, std::chrono::seconds{30});
    for (const std::string& left :
         recipe::remove_backup(config, needed(environment, "CCCI_RUN_DIR"), environment, longest)) {
        fmt::print("backup not removed: {}\n", left);
    }
    (void)std::fflush(stdout);
}

int recipe_teardown(const run::Config& config, const std::vector<std::string>& environment,
                    const std::string& domain) {
    const std::filesystem::path run_dir = needed(environment, "CCCI_RUN_DIR");
    const auto until = teardown_end(config);
    const auto result = tear_down(config, run::check_domain(domain), until);
    // After the app, which may need them to its end.
    const auto dependencies = recipe::tear_down_dependencies(
        config, run_dir, run::check_run_id(needed(environment, "CCCI_RUN")), until);
    remove_backup(config, environment);
    try {
        recipe::finish_results(run_dir, result, dependencies);
    } catch (const std::system_error& error) {
        // A full disk is no leftover of the app: the teardown is what it was.
        fmt::print("results.json is not complete: {}\n", error.what());
        (void)std::fflush(stdout);
    }
    const bool done = std::ranges::all_of(dependencies, &recipe::DependencyTeardown::is_done);
    return done ? exit_code_of(result) : 1;
}

}  // namespace

program::Action add_recipe_job(CLI::App& program) {
    auto lane = std::make_shared<std::string>("full");
    CLI::App* command = program.add_subcommand("recipe-job");
    command->add_option("--lane", *lane);
    return [lane](const run::Config& config, const std::vector<std::string>& environment) {
        return recipe_job(config, environment, read_lane(*lane));
    };
}

program::Action add_recipe_teardown(CLI::App& program) {
    auto domain = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand("recipe-teardown");
    command->add_option("--domain", *domain)->required();
    return [domain](const run::Config& config, const std::vector<std::string>& environment) {
        return recipe_teardown(config, environment, *domain);
    };
}

}  // namespace ccci::apps
