#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "backup/labels.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"
#include "recipe/app_backup.hpp"
#include "recipe/backup_steps.hpp"
#include "recipe/bring_up.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/stopwatch.hpp"

namespace ccci::recipe {

namespace {

void expect_markers(const AppBackup& backup) {
    std::vector<std::string> lost;
    for (const backup::Part& part : backup.marked().without_marker()) {
        lost.push_back(describe(part));
    }
    if (!lost.empty()) {
        throw RecipeError{fmt::format(
            "the restore brought back nothing of {}: a file that was there when the backup was "
            "made is missing now; {}",
            base::join(lost, ", "), backup.advice())};
    }
}

void bring_back(RecipeRun& run, AppBackup& backup) {
    const Stopwatch restoring;
    backup.marked().remove();
    backup.restore(run);
    run.app.expect_trouble();
    const auto restored = restoring.elapsed();
    const Stopwatch waiting;
    become_converged(run, run.settings.converge_timeout);
    const long code = become_healthy(run);
    expect_markers(backup);
    backup.marked().remove();
    log("restored in {}, converged and healthy ({}) after {}", base::format_duration(restored),
        code, base::format_duration(waiting.elapsed()));
}

}  // namespace

Outcome run_restore(RecipeRun& run, TierResult& result) {
    if (!run.backup) {
        result.message = run.results.of(naming::Tier::backup).message;
        return Outcome::skip;
    }
    const std::optional<int> deploys = try_read_deploy_count(run.tree);
    run_tier_hooks(run, result.tier, "pre_restore");
    for_the_recipe([&] { bring_back(run, *run.backup); });
    (void)run_tier_tests(run, result);
    expect_deploys(run, deploys.value_or(0));
    return Outcome::pass;
}

}  // namespace ccci::recipe
