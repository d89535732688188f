#include "recipe/abra_backup.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "backup/place.hpp"
#include "backup/tool.hpp"
#include "base/duration.hpp"
#include "recipe/abra_tree.hpp"
#include "recipe/backup_steps.hpp"
#include "recipe/log.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/recipe_run.hpp"
#include "recipe/stopwatch.hpp"

namespace ccci::recipe {

namespace {

using platform::Abra;

void call_abra(const RecipeRun& run, std::string_view command,
               const std::function<Abra::Reason(Abra::Deadline)>& call) {
    const auto until = std::chrono::steady_clock::now() + backup::k_longest_command;
    if (const auto why = with_tree_unmoved(run, command, [&] { return call(until); })) {
        throw RecipeError{fmt::format("{}: {}", command, *why)};
    }
}

}  // namespace

bool survives_hooks(const backup::ServicePlan& plan, const backup::Part& part) {
    return part.path.empty() || (plan.backup.before.empty() && plan.restore.after.empty());
}

AbraBackup::AbraBackup(const Abra& abra, const std::string& run_id,
                       std::vector<backup::ServicePlan> plans)
    : abra_{abra}, plans_{std::move(plans)}, marked_{run_id} {}

void AbraBackup::put_markers(RecipeRun& run) {
    for (const backup::ServicePlan& plan : plans_) {
        for (const backup::Part& part : plan.parts) {
            if (!survives_hooks(plan, part)) {
                continue;
            }
            const std::filesystem::path volume = place_of_volume(run, part);
            const std::optional<backup::Place> place = backup::find_place(volume, part);
            if (place && place->is_directory()) {
                marked_.add(part, volume, *place);
            }
        }
    }
}

void AbraBackup::make(RecipeRun& run) {
    put_markers(run);
    const Stopwatch watch;
    call_abra(run, "abra app backup create",
              [&](Abra::Deadline until) { return abra_.create_backup(run.job.domain, until); });
    log("abra had {} backed up in {}; it stays in backupbot's repository: abra has no command that "
        "removes it",
        parts_in_words(plans_), base::format_duration(watch.elapsed()));
    if (marked_.empty()) {
        log("remark: nothing of it can have a marker, so whether it comes back is for the recipe's "
            "tests to say");
    }
}

void AbraBackup::restore(RecipeRun& run) {
    call_abra(run, "abra app restore",
              [&](Abra::Deadline until) { return abra_.restore(run.job.domain, until); });
}

std::string AbraBackup::advice() const {
    return "either backupbot did not put it back, or a hook or the app has removed it since";
}

}  // namespace ccci::recipe
