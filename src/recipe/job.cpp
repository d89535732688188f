#include "recipe/job.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <system_error>

#include "base/fail_point.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "recipe/health.hpp"
#include "recipe/junit.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/recipe_run.hpp"
#include "recipe/screenshot.hpp"
#include "recipe/stopwatch.hpp"
#include "run/usage_error.hpp"

namespace ccci::recipe {

namespace {

using naming::Lane;
using naming::Tier;

const std::map<Tier, TierFunction>& tier_functions() {
    static const std::map<Tier, TierFunction> k_functions{
        {Tier::fetch, run_fetch},   {Tier::install, run_install}, {Tier::upgrade, run_upgrade},
        {Tier::backup, run_backup}, {Tier::restore, run_restore}, {Tier::custom, run_custom},
        {Tier::lint, run_lint},
    };
    return k_functions;
}

/// On the warm app a tier may be another thing.
TierFunction function_of(Lane lane, Tier tier) {
    if (lane == Lane::quick && tier == Tier::upgrade) {
        return run_quick_upgrade;
    }
    if (lane == Lane::promotion && tier == Tier::install) {
        return run_promotion;
    }
    return tier_functions().at(tier);
}

std::vector<std::string> job_environment(const JobContext& job, const RunTree& tree,
                                         const std::string& stack) {
    std::vector<std::string> environment = run_environment(job.environment, tree);
    const std::vector<std::pair<std::string, std::string>> variables{
        {"CCCI_RECIPE", job.recipe},
        {"CCCI_DOMAIN", job.domain},
        {"CCCI_STACK", stack},
        {"CCCI_RECIPE_DIR", tree.recipe(job.recipe)},
        {"CCCI_ENV_FILE", tree.env_file(job.domain)},
        {"DOCKER_HOST", "unix://" + job.config.docker_socket.native()},
    };
    for (const auto& [name, value] : variables) {
        base::set_variable(environment, name, value);
    }
    return environment;
}

Results new_results(const JobContext& job) {
    Results results;
    results.run_id = job.run_id;
    results.lane = job.lane;
    results.recipe = job.recipe;
    results.ref = job.ref;
    results.pull_request = job.pull_request;
    results.source = job.source;
    results.domain = job.domain;
    results.started = std::chrono::system_clock::now();
    results.begin(job.stages);
    return results;
}

RecipeRun begin(const JobContext& job) {
    if (!run::is_on_swarm(job.config.platform)) {
        throw run::UsageError{fmt::format("a recipe needs platform 'swarm' or 'abra', not '{}'",
                                          run::to_string(job.config.platform))};
    }
    return make_run(job);
}

/// The reason is then filled in.
bool is_declared_skip(const RecipeRun& run, TierResult& result) {
    const auto declared = run.settings.skip.find(result.tier);
    if (declared == run.settings.skip.end() || run.job.lane == Lane::promotion) {
        return false;
    }
    const std::string key = fmt::format("skip.{}", naming::to_string(result.tier));
    result.message =
        fmt::format("declared by the {}: {}", run.settings.origin.at(key), declared->second);
    return true;
}

/// Whoever guards the run marks the lines of the log with it, from the heading on. Appended, so
/// that none is lost to one that follows at once.
void tell_phase(const RecipeRun& run, Tier tier) {
    const auto file = base::find_variable(run.job.environment, "CCCI_PHASE_FILE");
    if (!file || file->empty()) {
        return;
    }
    try {
        const base::UniqueFd fd =
            base::open_file(*file, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK);
        base::write_all(fd.get(), fmt::format("{}\n", naming::to_string(tier)), *file);
    } catch (const std::system_error&) {
        // The log has the heading all the same.
    }
}

/// True when the tiers that follow make sense.
bool run_tier(RecipeRun& run, Tier tier) {
    TierResult& result = run.results.of(tier);
    run.results.phase = tier;
    save(run);
    tell_phase(run, tier);
    log("== {} == {}", naming::to_string(tier),
        base::format_clock(std::chrono::system_clock::now()));
    const Stopwatch watch;
    try {
        result.outcome = is_declared_skip(run, result)
                             ? Outcome::skip
                             : function_of(run.job.lane, tier)(run, result);
        if (result.outcome == Outcome::skip) {
            log("{} skipped: {}", naming::to_string(tier), result.message);
        }
    } catch (const RecipeError& error) {
        result.outcome = Outcome::fail;
        result.message = error.what();
        log("{} failed: {}", naming::to_string(tier), error.what());
    }
    result.took = watch.elapsed();
    return result.outcome != Outcome::fail;
}

void run_tiers(RecipeRun& run) {
    for (const Tier tier : run.job.stages) {
        const bool go_on = run_tier(run, tier);
        save(run);
        base::fail_point("recipe.tier-over");
        if (!go_on) {
            return;
        }
    }
}

/// Of the app that has passed, if somebody asked for one.
void picture(RecipeRun& run) {
    const std::string& command = run.job.config.screenshot_command;
    if (!command.empty() && !run.settings.screenshot.empty() && !run.url.empty() &&
        run.results.passed()) {
        run.results.screenshot =
            take_screenshot(command, health_url(run.url, run.settings.screenshot), run.job.run_dir,
                            run.job.environment);
    }
}

void finish(RecipeRun& run) {
    run.results.phase.reset();
    run.results.finished = std::chrono::system_clock::now();
    save(run);
}

}  // namespace

RecipeRun make_run(const JobContext& job) {
    const RunTree tree = make_run_tree(job.run_dir, job.config.abra_dir);
    platform::SwarmApp app{job.config, job.domain, job.run_id};
    const std::filesystem::path site = job.config.site_tests_dir;
    std::vector<std::string> environment = job_environment(job, tree, app.stack());
    std::unique_ptr<Deployer> deployer = make_deployer(job, app.stack(), environment);
    return {.job = job,
            .tree = tree,
            .environment = std::move(environment),
            .test_folders = {tree.tests(), site.empty() ? site : site / job.recipe},
            .app = std::move(app),
            .deployer = std::move(deployer),
            .results = new_results(job)};
}

void save(RecipeRun& run) {
    if (run.is_dependency) {
        return;
    }
    run.results.deploys = try_read_deploy_count(run.tree).value_or(run.results.deploys);
    write_results(run.job.run_dir, to_json(run.results));
    base::write_file_atomically(junit_file(run.job.run_dir), to_junit(run.results), 0644);
    base::write_file_atomically(run.tree.skip_report(), skip_report(run.results).dump() + "\n",
                                0644);
    const auto file = base::find_variable(run.job.environment, "CCCI_NOTE_FILE");
    if (file && !file->empty()) {
        base::write_file_atomically(*file, note(run.results) + "\n", 0644);
    }
}

int run_job(const JobContext& job) {
    RecipeRun run = begin(job);
    if (const std::string heading = describe_lane(job.lane); !heading.empty()) {
        log_line(heading);
    }
    try {
        run_tiers(run);
        picture(run);
    } catch (const std::exception& error) {
        run.results.error = error.what();
        finish(run);
        throw;
    }
    finish(run);
    log("== summary ==");
    for (const std::string& line : summary(run.results)) {
        log_line(line);
    }
    return run.results.passed() ? 0 : 1;
}

}  // namespace ccci::recipe
