#include "recipe/base_version.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "recipe/git.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/versions.hpp"

namespace ccci::recipe {

namespace {

std::vector<std::string> tags(const Git& git, const std::filesystem::path& tree,
                              const std::string& which) {
    return base::split(git.ask(tree, {"tag", "--list", which, "HEAD"}).value_or(""), '\n');
}

}  // namespace

std::optional<std::string> find_base_version(const std::filesystem::path& tree, bool modified,
                                             const std::vector<std::string>& environment) {
    if (!std::filesystem::exists(tree / ".git")) {
        return std::nullopt;
    }
    const Git git{environment, tree.native(), {}};
    std::vector<std::string> candidates = tags(git, tree, "--merged");
    if (!modified) {
        for (const std::string& own : tags(git, tree, "--points-at")) {
            std::erase(candidates, own);
        }
    }
    return newest_version(candidates);
}

void check_out_version(const std::filesystem::path& from, const std::string& version,
                       const std::filesystem::path& destination,
                       const std::vector<std::string>& environment) {
    const Git git{environment, from.native(), {}};
    const auto must = [&](const std::filesystem::path& directory,
                          std::vector<std::string> arguments) {
        const base::Output output = git.run(directory, std::move(arguments));
        if (!output.status.success()) {
            throw RecipeError{fmt::format("check out {}: {}", version, git_reason(output))};
        }
    };
    must(destination.parent_path(),
         {"clone", "--quiet", "--no-checkout", "--no-local",
          "--template=", "--no-recurse-submodules", "--", from.native(), destination.native()});
    // By its full name: a branch may be called like the tag.
    must(destination,
         {"checkout", "--quiet", "--detach", "refs/tags/" + version + "^{commit}", "--"});
}

}  // namespace ccci::recipe
