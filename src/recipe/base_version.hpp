#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ccci::recipe {

/// The newest published version before the code in `tree`: of the tags that its commit descends
/// from, without those on the commit itself unless the tree has changes on top of it. nullopt when
/// there is none, or the tree is no git repository.
std::optional<std::string> find_base_version(const std::filesystem::path& tree, bool modified,
                                             const std::vector<std::string>& environment);

/// Makes `destination`, which must not exist, exactly what `version` names in the repository
/// `from`. Throws RecipeError.
void check_out_version(const std::filesystem::path& from, const std::string& version,
                       const std::filesystem::path& destination,
                       const std::vector<std::string>& environment);

}  // namespace ccci::recipe
