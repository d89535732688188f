#include <fmt/format.h>

#include "base/duration.hpp"
#include "naming/domain.hpp"
#include "recipe/fetch.hpp"
#include "recipe/log.hpp"
#include "recipe/manifest.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/recipe_run.hpp"
#include "recipe/settings_files.hpp"
#include "recipe/stopwatch.hpp"

namespace ccci::recipe {

namespace {

Fetched copy_staged(const RecipeRun& run) {
    return copy_recipe(run.job.config.abra_dir / "recipes" / run.job.recipe,
                       run.tree.recipe(run.job.recipe), run.job.environment);
}

Fetched clone(const RecipeRun& run) {
    const JobContext& job = run.job;
    FetchRequest request{.url = {},
                         .ref = job.ref,
                         .pull_request = job.pull_request,
                         .shown = job.source,
                         .local_copy = job.source.empty()};
    if (request.local_copy) {
        const std::filesystem::path copy = job.config.abra_dir / "recipes" / job.recipe;
        if (!std::filesystem::is_directory(copy)) {
            throw RecipeError{
                fmt::format("no recipe at {}; SRC can name its repository", copy.native())};
        }
        request.url = std::filesystem::canonical(copy);
        request.shown = copy;
    } else {
        request.url = naming::clone_url(job.source, job.config.forge);
    }
    return fetch_recipe(request, run.tree.recipe(job.recipe), job.environment,
                        {job.config.forge, job.config.forge_token_file});
}

/// The recipe's part comes from the snapshot: it belongs to the code under test, whatever version
/// has its place in the tree.
void resolve(RecipeRun& run) {
    run.settings = load_settings(run.job.config, run.test_folders);
    run.overlays = find_overlays(run.test_folders);
    if (run.is_dependency) {
        return;
    }
    const Manifest manifest =
        make_manifest(run.settings, run.overlays, run.test_folders, run.job.stages);
    run.results.manifest = to_json(manifest);
    for (const std::string& line : describe(manifest)) {
        log_line(line);
    }
}

}  // namespace

Outcome run_fetch(RecipeRun& run, TierResult&) {
    const Stopwatch watch;
    const JobContext& job = run.job;
    const Fetched fetched = job.skip_fetch ? copy_staged(run) : clone(run);
    run.results.commit = fetched.commit;
    run.results.modified = fetched.modified;
    snapshot_tests(run.tree, job.recipe);

    constexpr std::size_t k_short_commit = 7;
    const std::string commit =
        fetched.commit.empty() ? "" : " at " + fetched.commit.substr(0, k_short_commit);
    if (job.skip_fetch) {
        log("copied {}{}{} in {}", (job.config.abra_dir / "recipes" / job.recipe).native(), commit,
            fetched.modified ? " with uncommitted changes" : "",
            base::format_duration(watch.elapsed()));
    } else {
        log("cloned {}{} in {}", job.source.empty() ? job.recipe : job.source, commit,
            base::format_duration(watch.elapsed()));
    }
    resolve(run);
    return Outcome::pass;
}

}  // namespace ccci::recipe
