#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "platform/lasting_stack.hpp"

namespace ccci::recipe {

/// An archive of each volume in a canonical state, while no container uses them. Throws
/// RecipeError for a volume that cannot be put away.
void put_volumes_away(platform::LastingStack& stack, const std::vector<std::string>& volumes,
                      const std::filesystem::path& state);

/// Makes each volume what it was then; one that is gone is made anew.
void bring_volumes_back(platform::LastingStack& stack, const std::vector<std::string>& volumes,
                        const std::filesystem::path& state);

}  // namespace ccci::recipe
