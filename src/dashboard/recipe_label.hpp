#pragma once

#include <optional>
#include <string>

#include "run/record.hpp"

namespace ccci::dashboard {

/// Which recipe a run was for, as its label says it: "recipe immich#2", "recipe immich quick".
struct RecipeLabel {
    std::string recipe;        ///< a name that run::check_recipe() takes
    std::string pull_request;  ///< empty: none
    std::string lane = {};     ///< "quick", "promotion"; empty: a full run

    bool operator==(const RecipeLabel&) const = default;
};

/// nullopt for a run of something else.
std::optional<RecipeLabel> recipe_of(const run::Record& record);

/// How far a full run got, as it said itself.
struct Level {
    int reached = 0;
    int of = 0;

    bool operator==(const Level&) const = default;
};

/// nullopt for a run that said nothing of the kind. From the record alone: a list of a thousand
/// runs needs no other file.
std::optional<Level> level_of(const run::Record& record);

}  // namespace ccci::dashboard
