#include <fmt/format.h>

#include <filesystem>

#include "recipe/base_version.hpp"
#include "recipe/bring_up.hpp"
#include "recipe/dependencies.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_error.hpp"

namespace ccci::recipe {

namespace {

/// What an upgrade begins with takes the place of the code under test, which waits aside.
void go_back_to(RecipeRun& run, const std::string& version) {
    const std::filesystem::path tree = run.tree.recipe(run.job.recipe);
    std::filesystem::rename(tree, run.tree.under_test());
    check_out_version(run.tree.under_test(), version, tree, run.job.environment);
    log("installing {} first, the newest version before the code under test", version);
}

}  // namespace

Outcome run_install(RecipeRun& run, TierResult& result) {
    deploy_dependencies(run);
    if (run.will_run(naming::Tier::upgrade)) {
        run.results.base = find_base_version(run.tree.recipe(run.job.recipe), run.results.modified,
                                             run.job.environment)
                               .value_or("");
        if (!run.results.base.empty()) {
            go_back_to(run, run.results.base);
        }
    }
    try {
        bring_up(run);
    } catch (const RecipeError& error) {
        if (run.results.base.empty()) {
            throw;
        }
        throw RecipeError{
            fmt::format("{}, which the upgrade begins with: {}", run.results.base, error.what())};
    }
    (void)run_tier_tests(run, result);
    expect_deploys(run, 1);
    return Outcome::pass;
}

}  // namespace ccci::recipe
