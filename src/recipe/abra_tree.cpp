#include "recipe/abra_tree.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "recipe/git.hpp"
#include "recipe/recipe_error.hpp"

namespace ccci::recipe {

std::string checked_out_commit(const RecipeRun& run) {
    const std::filesystem::path tree = run.tree.recipe(run.job.recipe);
    const Git git{run.environment, tree.native(), {}};
    const auto commit = git.ask(tree, {"rev-parse", "--verify", "HEAD"});
    if (!commit || !std::filesystem::exists(tree / ".git")) {
        throw RecipeError{"the recipe is no git repository, and abra deploys nothing else"};
    }
    return *commit;
}

platform::Abra::Reason with_tree_unmoved(const RecipeRun& run, std::string_view command,
                                         const std::function<platform::Abra::Reason()>& call) {
    const std::string commit = checked_out_commit(run);
    platform::Abra::Reason why = call();
    if (checked_out_commit(run) != commit) {
        throw std::runtime_error{fmt::format("{} has checked out another version", command)};
    }
    return why;
}

}  // namespace ccci::recipe
