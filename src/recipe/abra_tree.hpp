#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "platform/abra.hpp"
#include "recipe/recipe_run.hpp"

namespace ccci::recipe {

/// The commit that the run's tree has checked out. Throws RecipeError when it is no git repository:
/// abra deploys nothing else.
std::string checked_out_commit(const RecipeRun& run);

/// Calls abra for something that has nothing to do with the tree. Throws std::runtime_error, which
/// names the command, when abra has checked another version out for it: what comes next would not
/// be what is to be tested.
platform::Abra::Reason with_tree_unmoved(const RecipeRun& run, std::string_view command,
                                         const std::function<platform::Abra::Reason()>& call);

}  // namespace ccci::recipe
