#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "recipe/git.hpp"

namespace ccci::recipe {

/// Which code to get. Texts are checked: nothing begins with '-'.
struct FetchRequest {
    std::string url;           ///< what git clones
    std::string ref;           ///< empty: what the repository's HEAD names
    std::string pull_request;  ///< where to look when `ref` is not there; empty: nowhere
    std::string shown;         ///< how people call the source: "recipe-maintainers/immich"
    bool local_copy = false;   ///< the operator's own clone: trusted, and its remote branches count
};

struct Fetched {
    std::string commit;     ///< full; empty when the tree is no git repository
    bool modified = false;  ///< the tree has uncommitted changes
};

/// Clones into `destination`, which must not exist, and checks the ref out, detached: a branch, a
/// tag, a commit (full, or at least seven digits of it), "refs/...", or else the head of the pull
/// request. Throws RecipeError in one line: "ref 'x' not found in recipe-maintainers/immich".
Fetched fetch_recipe(const FetchRequest& request, const std::filesystem::path& destination,
                     const std::vector<std::string>& environment, const ForgeAccess& access);

/// Copies a tree as it is, uncommitted changes included. Throws RecipeError when there is none.
Fetched copy_recipe(const std::filesystem::path& source, const std::filesystem::path& destination,
                    const std::vector<std::string>& environment);

/// What `ref` may mean in a fresh clone, the most likely first: revisions for git rev-parse.
std::vector<std::string> revisions_for(const std::string& ref);

}  // namespace ccci::recipe
