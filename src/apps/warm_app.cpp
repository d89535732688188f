#include "apps/warm_app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>

#include "apps/teardown_app.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "naming/warm.hpp"
#include "recipe/finish.hpp"
#include "recipe/job.hpp"
#include "recipe/warm_restore.hpp"
#include "recipe/warm_state.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::apps {

namespace {

using nlohmann::json;
using Work = platform::TeardownReport (*)(const recipe::JobContext&);

std::string checked_variable(const std::vector<std::string>& environment, const char* name) {
    const auto value = base::find_variable(environment, name);
    if (!value || value->empty()) {
        throw run::UsageError{fmt::format("{} is not set", name)};
    }
    return *value;
}

recipe::Teardown attempt(Work work, const recipe::JobContext& job) {
    try {
        platform::TeardownReport report = work(job);
        print(report);
        return report;
    } catch (const std::exception& error) {
        fmt::print("warm app {}: {}\n", job.domain, base::printable(error.what(), 1000));
        (void)std::fflush(stdout);
        return std::string{error.what()};
    }
}

int act_on_warm_app(const run::Config& config, const std::vector<std::string>& environment,
                    const std::string& recipe, Work work) {
    const recipe::JobContext job{
        .recipe = run::check_recipe(recipe),
        .ref = {},
        .pull_request = {},
        .source = {},
        .stages = {},
        .run_id = run::check_run_id(checked_variable(environment, "CCCI_RUN")),
        .run_dir = checked_variable(environment, "CCCI_RUN_DIR"),
        .domain = naming::warm_app_domain(recipe, config),
        .config = config,
        .environment = environment,
    };
    const recipe::Teardown result = attempt(work, job);
    try {
        recipe::finish_results(job.run_dir, result);
    } catch (const std::system_error& error) {
        fmt::print("results.json is not complete: {}\n", error.what());
        (void)std::fflush(stdout);
    }
    return exit_code_of(result);
}

program::Action add_work(CLI::App& program, const std::string& name, Work work) {
    auto recipe = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand(name);
    command->add_option("--recipe", *recipe)->required();
    return [recipe, work](const run::Config& config, const std::vector<std::string>& environment) {
        return act_on_warm_app(config, environment, *recipe, work);
    };
}

/// One that cannot be read is told, too: somebody has to do something about it.
json describe_app(const std::filesystem::path& directory) {
    const recipe::WarmState state{directory};
    json app{{"recipe", directory.filename().native()},
             {"domain", nullptr},
             {"commit", nullptr},
             {"release", nullptr},
             {"promoted", nullptr},
             {"run", nullptr},
             {"touched", state.is_touched()},
             {"error", nullptr}};
    try {
        if (const std::optional<recipe::WarmRecord> record = state.current()) {
            app["domain"] = record->domain;
            app["commit"] = record->commit;
            app["release"] = record->release.empty() ? json(nullptr) : json(record->release);
            app["promoted"] = base::format_time(record->promoted);
            app["run"] = record->run_id;
        }
    } catch (const std::exception& error) {
        app["error"] = error.what();
    }
    return app;
}

std::string line_of(const json& app) {
    const auto text = [&](const char* key) {
        return app.at(key).is_string() ? app.at(key).get<std::string>() : std::string{"-"};
    };
    if (app.at("error").is_string()) {
        return fmt::format("{}: {}", text("recipe"), base::printable(text("error"), 300));
    }
    return fmt::format("{}  {}  {}  {}  {}  run {}  {}", text("recipe"), text("domain"),
                       text("commit").substr(0, 12), text("release"), text("promoted"), text("run"),
                       app.at("touched").get<bool>() ? "touched" : "canonical");
}

int list_warm_apps(const run::Config& config, bool as_json) {
    json apps = json::array();
    std::error_code missing;
    for (const auto& entry :
         std::filesystem::directory_iterator{naming::warm_apps_directory(config), missing}) {
        if (entry.is_directory()) {
            apps.push_back(describe_app(entry.path()));
        }
    }
    std::sort(apps.begin(), apps.end(),
              [](const json& a, const json& b) { return a.at("recipe") < b.at("recipe"); });
    if (as_json) {
        fmt::print("{}\n", apps.dump(2, ' ', false, json::error_handler_t::replace));
        return 0;
    }
    for (const json& app : apps) {
        fmt::print("{}\n", line_of(app));
    }
    if (apps.empty()) {
        fmt::print("no warm apps\n");
    }
    return 0;
}

}  // namespace

program::Action add_warm_restore(CLI::App& program) {
    return add_work(program, "warm-restore", recipe::restore_warm_app);
}

program::Action add_warm_remove(CLI::App& program) {
    return add_work(program, "warm-remove", recipe::remove_warm_app);
}

program::Action add_warm_list(CLI::App& program) {
    auto as_json = std::make_shared<bool>(false);
    CLI::App* command = program.add_subcommand("warm-list");
    command->add_flag("--json", *as_json);
    return [as_json](const run::Config& config, const std::vector<std::string>&) {
        return list_warm_apps(config, *as_json);
    };
}

}  // namespace ccci::apps
