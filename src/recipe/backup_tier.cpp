#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "backup/labels.hpp"
#include "backup/restic.hpp"
#include "backup/snapshot.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"
#include "recipe/backup_steps.hpp"
#include "recipe/bring_up.hpp"
#include "recipe/kept_backup.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/stopwatch.hpp"

namespace ccci::recipe {

namespace {

constexpr std::chrono::microseconds k_longest_wait = std::chrono::seconds{300};

std::filesystem::path place_of_volume(RecipeRun& run, const backup::Part& part) {
    const auto path = run.app.volume_on_this_host(part.volume);
    if (!path) {
        throw RecipeError{
            fmt::format("{}: the volume has no directory on this host", describe(part))};
    }
    return *path;
}

/// A dump in a place of its own may be used up by the hook that reads it back; of a whole volume
/// everything must be there again.
bool gets_marker(const backup::ServicePlan& plan, const backup::Part& part) {
    return part.path.empty() || plan.restore.after.empty();
}

void take_snapshot(RecipeRun& run, Backup& backup) {
    for (const backup::ServicePlan& plan : backup.plans) {
        for (const backup::Part& part : plan.parts) {
            backup.snapshot.add(part, place_of_volume(run, part), gets_marker(plan, part));
        }
    }
}

std::string parts_in_words(const std::vector<backup::ServicePlan>& plans) {
    std::vector<std::string> names;
    for (const backup::ServicePlan& plan : plans) {
        for (const backup::Part& part : plan.parts) {
            names.push_back(describe(part));
        }
    }
    return base::join(names, ", ");
}

void back_up(RecipeRun& run, Backup& backup) {
    const Stopwatch watch;
    between_hooks(run, backup.plans, BackupPhase::backup, [&] { take_snapshot(run, backup); });
    const std::size_t entries = backup.snapshot.check();
    backup.restic_id = put_into_repository(run.job, backup.snapshot.directory());
    log("backed up {} (entries: {}) in {}{}", parts_in_words(backup.plans), entries,
        base::format_duration(watch.elapsed()),
        backup.restic_id.empty() ? "" : ", restic snapshot " + backup.restic_id);
}

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
        Backup backup{.plans = std::move(plans),
                      .snapshot = {make_backup_directory(run.tree), run.job.run_id}};
        back_up(run, backup);
        run.backup = std::move(backup);
    });
    (void)run_tier_tests(run, result);
    return Outcome::pass;
}

}  // namespace ccci::recipe
