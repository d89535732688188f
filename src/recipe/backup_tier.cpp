#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "backup/labels.hpp"
#include "recipe/app_backup.hpp"
#include "recipe/backup_steps.hpp"
#include "recipe/bring_up.hpp"
#include "recipe/recipe_run.hpp"

namespace ccci::recipe {

namespace {

constexpr std::chrono::microseconds k_longest_wait = std::chrono::seconds{300};

}  // namespace

Outcome run_backup(RecipeRun& run, TierResult& result) {
    std::vector<backup::ServicePlan> plans;
    for_the_recipe([&] { plans = backup::read_labels(run.app.services()); });
    if (plans.empty()) {
        result.message = "the recipe declares no backup";
        return Outcome::skip;
    }
    become_converged(run, std::min(run.settings.converge_timeout, k_longest_wait));
    run_tier_hooks(run, result.tier, "pre_backup");
    for_the_recipe([&] {
        std::unique_ptr<AppBackup> backup = run.deployer->new_backup(run, std::move(plans));
        backup->make(run);
        run.backup = std::move(backup);
    });
    (void)run_tier_tests(run, result);
    return Outcome::pass;
}

}  // namespace ccci::recipe
