#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "recipe/recipe_run.hpp"

namespace ccci::recipe {

/// What the backup tier and the restore tier, and the kinds of backups, have in common. All throw
/// RecipeError when the recipe is in the way.

enum class BackupPhase { backup, restore };

/// Does `work` between the hooks that the labels of the services name. After-hooks run for each
/// service whose before-hook went well, whatever became of the work: what the one began, such as
/// a maintenance mode, the other must end. Of several failures the first one is thrown, the others
/// are logged.
void between_hooks(RecipeRun& run, const std::vector<backup::ServicePlan>& plans, BackupPhase phase,
                   const std::function<void()>& work);

/// Where the part's volume is on this host.
std::filesystem::path place_of_volume(RecipeRun& run, const backup::Part& part);

/// "volume data of db, dump.sql in volume files of app".
std::string parts_in_words(const std::vector<backup::ServicePlan>& plans);

/// Does `work`; a BackupError from it becomes a RecipeError.
void for_the_recipe(const std::function<void()>& work);

}  // namespace ccci::recipe
