#include "recipe/own_backup.hpp"

#include <cstddef>
#include <utility>

#include "base/duration.hpp"
#include "recipe/backup_steps.hpp"
#include "recipe/kept_backup.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_run.hpp"
#include "recipe/stopwatch.hpp"

namespace ccci::recipe {

namespace {

/// A dump in a place of its own may be used up by the hook that reads it back; of a whole volume
/// everything must be there again.
bool gets_marker(const backup::ServicePlan& plan, const backup::Part& part) {
    return part.path.empty() || plan.restore.after.empty();
}

}  // namespace

OwnBackup::OwnBackup(const RecipeRun& run, std::vector<backup::ServicePlan> plans)
    : plans_{std::move(plans)}, snapshot_{make_backup_directory(run.tree), run.job.run_id} {}

void OwnBackup::take_snapshot(RecipeRun& run) {
    for (const backup::ServicePlan& plan : plans_) {
        for (const backup::Part& part : plan.parts) {
            snapshot_.add(part, place_of_volume(run, part), gets_marker(plan, part));
        }
    }
}

void OwnBackup::make(RecipeRun& run) {
    const Stopwatch watch;
    between_hooks(run, plans_, BackupPhase::backup, [&] { take_snapshot(run); });
    const std::size_t entries = snapshot_.check();
    restic_id_ = put_into_repository(run.job, snapshot_.directory());
    log("backed up {} (entries: {}) in {}{}", parts_in_words(plans_), entries,
        base::format_duration(watch.elapsed()),
        restic_id_.empty() ? "" : ", restic snapshot " + restic_id_);
}

void OwnBackup::restore(RecipeRun& run) {
    between_hooks(run, plans_, BackupPhase::restore, [&] {
        fetch_from_repository(run.job, restic_id_, snapshot_.directory());
        snapshot_.restore();
    });
}

std::string OwnBackup::advice() const {
    return "it was put back before backupbot.restore.post-hook ran and the app took over, so look "
           "there for what removes it";
}

}  // namespace ccci::recipe
