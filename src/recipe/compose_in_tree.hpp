#pragma once

#include <filesystem>
#include <vector>

namespace ccci::recipe {

/// For whatever deploys a recipe by its tree and its env file alone: the compose files from
/// elsewhere are copied into the tree, and COMPOSE_FILE in the env file names them all, in this
/// order. Changes nothing when all of them are the tree's. Throws std::system_error, and
/// RecipeError for a file that is there no more.
void bring_into_tree(const std::filesystem::path& tree, const std::filesystem::path& env_file,
                     const std::vector<std::filesystem::path>& compose_files);

}  // namespace ccci::recipe
