#include "recipe/warm_restore.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/duration.hpp"
#include "base/fail_point.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "naming/warm.hpp"
#include "platform/lasting_stack.hpp"
#include "recipe/bring_up.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/settings_files.hpp"
#include "recipe/stopwatch.hpp"
#include "recipe/warm_state.hpp"
#include "recipe/warm_volumes.hpp"
#include "run/usage_error.hpp"

namespace ccci::recipe {

namespace {

namespace fs = std::filesystem;

/// No single wait takes more than half of the budget; the harness watches over the whole.
std::chrono::microseconds longest_wait(const run::Config& config) {
    return config.teardown_budget / 2;
}

/// A directory of its own, so that nothing of the run that it follows is touched.
JobContext job_of_restore(const JobContext& job) {
    JobContext own = job;
    own.run_dir = job.run_dir / "warm-restore";
    base::set_variable(own.environment, "CCCI_NOTE_FILE", "");
    return own;
}

/// The settings are those of the canonical code, and what the operator has now.
void load_canonical(RecipeRun& run, const fs::path& state) {
    fs::copy(WarmState::tree(state), run.tree.recipe(run.job.recipe),
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    snapshot_tests(run.tree, run.job.recipe);
    run.settings = load_settings(run.job.config, run.test_folders);
    run.overlays = find_overlays(run.test_folders);
    for (auto limit :
         {&Settings::converge_timeout, &Settings::health_timeout, &Settings::pull_timeout}) {
        run.settings.*limit = std::min(run.settings.*limit, longest_wait(run.job.config));
    }
}

std::vector<std::string> names_of(const std::vector<platform::ServiceFacts>& services) {
    std::vector<std::string> names;
    for (const platform::ServiceFacts& service : services) {
        names.push_back(service.name);
    }
    return names;
}

/// What is there is complete, and works. Nobody has touched it since it was made.
void expect_well(RecipeRun& run, const fs::path& state) {
    const fs::path env_file = run.tree.env_file(run.job.domain);
    if (base::try_read_file(env_file) != base::try_read_file(WarmState::env_file(state))) {
        throw RecipeError{"its env file is not the canonical one"};
    }
    std::vector<std::string> wanted;
    for (const ComposeService& service : read_app(run).compose.services) {
        wanted.push_back(service.name);
    }
    if (names_of(run.app.services()) != wanted) {
        throw RecipeError{fmt::format("its services are not {}", base::join(wanted, ", "))};
    }
    become_converged(run, run.settings.converge_timeout);
    find_url(run);
    (void)become_healthy(run);
}

bool is_well(RecipeRun& run, const fs::path& state) {
    try {
        expect_well(run, state);
        return true;
    } catch (const RecipeError& error) {
        log("the warm app is not well: {}", error.what());
        return false;
    }
}

/// The one thing that no restore can bring back.
void expect_secrets(platform::LastingStack& stack, const WarmRecord& record) {
    const platform::Belongings there = stack.belongings();
    std::vector<std::string> gone;
    std::ranges::set_difference(record.belongings.secrets, there.secrets, std::back_inserter(gone));
    if (!gone.empty()) {
        throw std::runtime_error{
            fmt::format("secret {} is gone, and no copy of it exists: cc-ci warm remove and cc-ci "
                        "warm promote, both with --recipe {}, make a new app",
                        base::join(gone, ", "), record.recipe)};
    }
}

void write_env_file(const RecipeRun& run, const fs::path& state) {
    const auto text = base::try_read_file(WarmState::env_file(state));
    if (!text) {
        throw std::runtime_error{
            fmt::format("{}: is not there", WarmState::env_file(state).native())};
    }
    const fs::path file = run.tree.env_file(run.job.domain);
    fs::remove(file);
    const base::UniqueFd fd = base::open_file(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    base::write_all(fd.get(), *text, file.native());
}

/// The part of a restore that begins with an app which may be anything.
platform::TeardownReport make_canonical(RecipeRun& run, platform::LastingStack& stack,
                                        const WarmState& state, const WarmRecord& record) {
    const Stopwatch watch;
    const auto until = std::chrono::steady_clock::now() + longest_wait(run.job.config);
    platform::TeardownReport report =
        stack.remove_all_but(record.belongings, platform::Ending::kill, until);
    if (!report.clean()) {
        return report;
    }
    base::fail_point("warm.emptied");
    expect_secrets(stack, record);
    bring_volumes_back(stack, record.belongings.volumes, state.current_directory());
    base::fail_point("warm.filled");
    write_env_file(run, state.current_directory());
    bring_back_up(run, read_app(run));
    state.untouch();
    log("the warm app is {} again, as run {} made it, after {}", record.name(), record.run_id,
        base::format_duration(watch.elapsed()));
    return report;
}

platform::TeardownReport tear_down_all(const JobContext& job, const WarmState& state) {
    platform::LastingStack stack{job.config, job.domain};
    const auto until = std::chrono::steady_clock::now() + 9 * job.config.teardown_budget / 10;
    platform::TeardownReport report = stack.remove_all_but({}, platform::Ending::kill, until);
    if (report.clean()) {
        state.remove();
    }
    return report;
}

}  // namespace

platform::TeardownReport restore_warm_app(const JobContext& job) {
    const WarmState state{naming::warm_app_directory(job.recipe, job.config)};
    const std::optional<WarmRecord> record = state.current();
    if (!record) {
        return tear_down_all(job, state);
    }
    if (record->domain != job.domain) {
        throw run::UsageError{fmt::format(
            "the warm app of {} is at {}, and not at {}: base_domain is another one now",
            job.recipe, record->domain, job.domain)};
    }
    const JobContext own = job_of_restore(job);
    fs::create_directory(own.run_dir);
    RecipeRun run = make_run(own);
    load_canonical(run, state.current_directory());
    platform::TeardownReport report;
    if (state.is_touched() || !is_well(run, state.current_directory())) {
        state.touch();
        platform::LastingStack stack{own.config, job.domain};
        report = make_canonical(run, stack, state, *record);
    }
    fs::remove_all(own.run_dir);
    return report;
}

platform::TeardownReport remove_warm_app(const JobContext& job) {
    const WarmState state{naming::warm_app_directory(job.recipe, job.config)};
    state.touch();
    state.abandon();
    return tear_down_all(job, state);
}

}  // namespace ccci::recipe
