#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "base/duration.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "naming/warm.hpp"
#include "platform/lasting_stack.hpp"
#include "recipe/bring_up.hpp"
#include "recipe/git.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/stopwatch.hpp"
#include "recipe/versions.hpp"
#include "recipe/warm_state.hpp"
#include "recipe/warm_volumes.hpp"

namespace ccci::recipe {

namespace {

namespace fs = std::filesystem;

/// The version that the code is published as.
std::string release_of(const RecipeRun& run) {
    const fs::path tree = run.tree.recipe(run.job.recipe);
    const Git git{run.job.environment, tree.native(), {}};
    const auto tags = git.ask(tree, {"tag", "--points-at", "HEAD"}).value_or("");
    return newest_version(base::split(tags, '\n')).value_or("");
}

/// Takes the services away, and leaves all that a restore keeps.
platform::Belongings quiesce(RecipeRun& run, platform::LastingStack& stack) {
    const Stopwatch watch;
    platform::Belongings belongings = stack.belongings();
    const platform::TeardownReport report =
        stack.remove_all_but(belongings, platform::Ending::stop,
                             std::chrono::steady_clock::now() + run.job.config.teardown_budget);
    if (!report.clean()) {
        throw RecipeError{fmt::format("stop the app: {}", base::join(report.left, "; "))};
    }
    log("stopped the app in {}", base::format_duration(watch.elapsed()));
    return belongings;
}

}  // namespace

Outcome run_promotion(RecipeRun& run, TierResult&) {
    if (run.results.commit.empty() || run.results.modified) {
        throw RecipeError{"only a commit can be promoted, and no uncommitted changes"};
    }
    if (!run.settings.dependencies.empty()) {
        throw RecipeError{"a recipe with dependencies can have no warm app yet"};
    }
    const WarmState state{naming::warm_app_directory(run.job.recipe, run.job.config)};
    state.touch();
    bring_up(run);

    const std::string env = base::try_read_file(run.tree.env_file(run.job.domain)).value_or("");
    platform::LastingStack stack{run.job.config, run.job.domain};
    WarmRecord record{.recipe = run.job.recipe,
                      .domain = run.job.domain,
                      .commit = run.results.commit,
                      .release = release_of(run),
                      .run_id = run.job.run_id,
                      .promoted = std::chrono::system_clock::now(),
                      .belongings = quiesce(run, stack)};

    const Stopwatch watch;
    const fs::path candidate = state.make_candidate(run.job.run_id);
    put_volumes_away(stack, record.belongings.volumes, candidate);
    fs::copy(run.tree.recipe(run.job.recipe), WarmState::tree(candidate),
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    base::write_file_atomically(WarmState::env_file(candidate), env, 0600);
    state.make_current(candidate, record);
    log("{} is canonical, put away with {} volumes in {}", record.name(),
        record.belongings.volumes.size(), base::format_duration(watch.elapsed()));
    return Outcome::pass;
}

}  // namespace ccci::recipe
