#include "recipe/bring_up.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/duration.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "recipe/app.hpp"
#include "recipe/health.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/stopwatch.hpp"

namespace ccci::recipe {

namespace {

using std::chrono::steady_clock;

std::string count_of(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// Those that are there already are left alone.
void make_secrets(RecipeRun& run, const App& app) {
    if (const std::size_t made = run.deployer->make_secrets(run, app); made > 0) {
        log("generated {}", count_of(made, "secret"));
    }
}

/// Before the deploy, so that it is not the deploy's time that they take.
void pull_images(RecipeRun& run, const App& app) {
    const Stopwatch watch;
    const std::vector<std::string> missing =
        run.app.pull(app.compose.images, steady_clock::now() + run.settings.pull_timeout);
    if (!missing.empty()) {
        throw RecipeError{base::join(missing, "; ")};
    }
    log("{} ready in {}", count_of(app.compose.images.size(), "image"),
        base::format_duration(watch.elapsed()));
}

/// True when there was a hook, which may have changed the tree and the env file.
bool run_hooks(const RecipeRun& run, const std::string& name,
               const std::vector<std::string>& environment) {
    const std::vector<TestFile> hooks = find_hooks(run.test_folders, name);
    for (const TestFile& hook : hooks) {
        const TestResult result = run_test(hook, environment);
        if (result.outcome == Outcome::fail) {
            throw RecipeError{fmt::format("hook {} of the {} failed: {}", hook.name, hook.origin,
                                          result.message)};
        }
        log("hook {} of the {} done in {}", hook.name, hook.origin,
            base::format_duration(result.took));
    }
    return !hooks.empty();
}

void deploy(RecipeRun& run, const App& app) {
    const auto failure =
        run.deployer->deploy(run, app, steady_clock::now() + run.settings.converge_timeout);
    if (failure) {
        throw RecipeError{fmt::format("deploy: {}", *failure)};
    }
}

/// The port of a task that has died meanwhile is gone with it, and then that is what is told.
void find_url_while_running(RecipeRun& run) {
    try {
        find_url(run);
    } catch (const RecipeError&) {
        run.app.expect_trouble();
        become_converged(run, run.settings.converge_timeout);
        find_url(run);
    }
}

void deploy_and_wait(RecipeRun& run, const App& app) {
    const Stopwatch deploying;
    deploy(run, app);
    const auto deployed = deploying.elapsed();
    const Stopwatch converging;
    become_converged(run, run.settings.converge_timeout);
    const auto converged = converging.elapsed();
    const Stopwatch waiting;
    find_url_while_running(run);
    const long code = become_healthy(run);
    log("deployed {} in {}, converged after {}, healthy ({}) after {}",
        count_of(app.compose.services.size(), "service"), base::format_duration(deployed),
        base::format_duration(converged), code, base::format_duration(waiting.elapsed()));
}

std::vector<std::string> tier_environment(const RecipeRun& run, naming::Tier tier) {
    std::vector<std::string> environment = run.environment;
    base::set_variable(environment, "CCCI_TIER", naming::to_string(tier));
    base::set_variable(environment, "CCCI_URL", run.url);
    return environment;
}

}  // namespace

App read_app(const RecipeRun& run) {
    return load_app(run.tree.recipe(run.job.recipe), run.tree.env_file(run.job.domain),
                    run.app.stack(), run.overlays);
}

void bring_up(RecipeRun& run) {
    make_new_app(run.tree.recipe(run.job.recipe), run.tree.env_file(run.job.domain), run.job.recipe,
                 run.job.domain, run.settings.env);
    App app = read_app(run);
    make_secrets(run, app);
    pull_images(run, app);
    if (run_hooks(run, "install_steps", run.environment)) {
        const std::vector<std::string> images = std::move(app.compose.images);
        app = read_app(run);
        make_secrets(run, app);
        if (app.compose.images != images) {
            pull_images(run, app);
        }
    }

    // Counted and told first: one that is killed half-way has deployed something.
    count_deploy(run.tree);
    save(run);
    deploy_and_wait(run, app);
}

void bring_back_up(RecipeRun& run, const App& app) {
    pull_images(run, app);
    deploy_and_wait(run, app);
}

void find_url(RecipeRun& run) {
    const std::string& pattern = run.job.config.health_url;
    const bool by_port = pattern.find("{published_port}") != std::string::npos;
    run.url =
        app_url(pattern, run.job.domain, by_port ? run.app.published_port("app") : std::nullopt);
}

void become_converged(RecipeRun& run, std::chrono::microseconds limit) {
    const platform::Convergence convergence = run.app.wait_converged(steady_clock::now() + limit);
    const std::string details = base::join(convergence.sentences, "; ");
    switch (convergence.state) {
        case platform::Convergence::State::converged:
            if (!details.empty()) {
                log("remark: {}", details);
            }
            return;
        case platform::Convergence::State::timed_out:
            throw RecipeError{
                fmt::format("not converged after {}: {}", base::format_duration(limit), details)};
        case platform::Convergence::State::crash_looping:
            throw RecipeError{fmt::format("will not converge: {}", details)};
    }
}

long become_healthy(const RecipeRun& run) {
    const Settings& settings = run.settings;
    const std::string url = health_url(run.url, settings.health_path);
    const Health health =
        wait_healthy(url, settings.health_codes, steady_clock::now() + settings.health_timeout);
    if (!health.code) {
        throw RecipeError{fmt::format("not healthy after {}: GET {}: {}; want HTTP {}",
                                      base::format_duration(settings.health_timeout), url,
                                      health.last_failure, fmt::join(settings.health_codes, ", "))};
    }
    return *health.code;
}

void run_tier_hooks(const RecipeRun& run, naming::Tier tier, const std::string& name) {
    (void)run_hooks(run, name, tier_environment(run, tier));
}

bool run_tier_tests(RecipeRun& run, TierResult& result) {
    const FoundTests found = find_tests(run.test_folders, result.tier);
    for (const std::string& name : found.ignored) {
        log("ignored {}: it is not executable", name);
    }
    if (found.tests.empty()) {
        return false;
    }
    std::vector<std::string> environment = tier_environment(run, result.tier);
    std::vector<TestResult> ended;
    for (const TestFile& test : found.tests) {
        const std::filesystem::path report = report_file(run.tree.test_reports(), test);
        std::filesystem::create_directories(report.parent_path());
        base::set_variable(environment, "CCCI_JUNIT_FILE", report.native());
        const TestResult& last = ended.emplace_back(run_test(test, environment));
        result.tests.push_back(last);
        log("{} of the {} {}{}", last.name, last.origin, describe(last.outcome),
            last.message.empty() ? "" : ": " + last.message);
    }
    const std::string line = describe_tests(ended);
    for (const TestResult& test : ended) {
        if (test.outcome == Outcome::fail) {
            throw RecipeError{line};
        }
    }
    log_line(line);
    return true;
}

void expect_deploys(const RecipeRun& run, int count) {
    const std::optional<int> made = try_read_deploy_count(run.tree);
    if (made != count) {
        throw RecipeError{fmt::format("the deploy count is {}, want exactly {}",
                                      made ? fmt::format("{}", *made) : "no number", count)};
    }
}

}  // namespace ccci::recipe
