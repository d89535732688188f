#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "naming/warm.hpp"
#include "platform/changes.hpp"
#include "recipe/bring_up.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/warm_state.hpp"
#include "run/usage_error.hpp"

namespace ccci::recipe {

namespace {

/// With failure_action: rollback the Swarm ends where it began, and all is well but for the code
/// under test.
void expect_no_rollback(const std::vector<platform::ServiceFacts>& services) {
    for (const platform::ServiceFacts& service : services) {
        if (service.update_state.starts_with("rollback")) {
            throw RecipeError{fmt::format("the Swarm rolled the update of {} back: {}",
                                          service.name,
                                          base::printable(service.update_message, 300))};
        }
    }
}

/// Deploys what is in the run's tree over what is there, which must move by it.
void upgrade(RecipeRun& run, const std::vector<platform::ServiceFacts>& before) {
    bring_up(run);

    const auto after = run.app.services();
    expect_no_rollback(after);
    const std::vector<std::string> changes = platform::changes_between(before, after);
    if (changes.empty()) {
        throw RecipeError{
            fmt::format("the upgrade from {} changed nothing: every image and every label of every "
                        "service is as it was",
                        run.results.base)};
    }
    log("changed since {}: {}", run.results.base, base::join(changes, "; "));
}

}  // namespace

Outcome run_upgrade(RecipeRun& run, TierResult& result) {
    if (run.results.base.empty()) {
        result.message = "no published version before the code under test";
        return Outcome::skip;
    }
    run_tier_hooks(run, result.tier, "pre_upgrade");
    const auto before = run.app.services();

    const std::filesystem::path tree = run.tree.recipe(run.job.recipe);
    std::filesystem::remove_all(tree);
    std::filesystem::rename(run.tree.under_test(), tree);
    upgrade(run, before);
    (void)run_tier_tests(run, result);
    expect_deploys(run, 2);
    return Outcome::pass;
}

Outcome run_quick_upgrade(RecipeRun& run, TierResult& result) {
    if (!run.settings.dependencies.empty()) {
        throw RecipeError{"a recipe with dependencies can have no warm app yet"};
    }
    const WarmState state{naming::warm_app_directory(run.job.recipe, run.job.config)};
    const std::optional<WarmRecord> canonical = state.current();
    if (!canonical) {
        throw run::UsageError{naming::no_warm_app(run.job.recipe)};
    }
    run.results.base = canonical->name();
    log("over the warm app, which is {}", run.results.base);
    state.touch();
    find_url(run);
    run_tier_hooks(run, result.tier, "pre_upgrade");
    upgrade(run, run.app.services());
    (void)run_tier_tests(run, result);
    expect_deploys(run, 1);
    return Outcome::pass;
}

}  // namespace ccci::recipe
