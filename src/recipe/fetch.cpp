#include "recipe/fetch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "recipe/recipe_error.hpp"

namespace ccci::recipe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_shortest_commit = 7;

bool is_hexadecimal(const std::string& text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_full_commit(const std::string& ref) {
    return (ref.size() == 40 || ref.size() == 64) && is_hexadecimal(ref);
}

/// A clone that is there already, and questions to it.
class Clone {
public:
    Clone(const Git& git, fs::path directory) : git_{git}, directory_{std::move(directory)} {}

    [[nodiscard]] std::optional<std::string> commit_of(const std::string& revision) const {
        return git_.ask(directory_, {"rev-parse", "--verify", "--quiet", revision + "^{commit}"});
    }
    /// Gets one ref into FETCH_HEAD. That it is not there is an outcome.
    [[nodiscard]] bool try_fetch(const std::string& ref) const {
        return run({"fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--", "origin",
                    ref})
            .status.success();
    }
    [[nodiscard]] base::Output run(std::vector<std::string> arguments) const {
        return git_.run(directory_, std::move(arguments));
    }

private:
    const Git& git_;
    fs::path directory_;
};

/// git asks for a user name when a server wants one, whether or not there is such a repository.
std::string why_not_cloned(const base::Output& output) {
    const std::string reason = git_reason(output);
    if (reason.find("could not read Username") != std::string::npos ||
        reason.find("Authentication failed") != std::string::npos) {
        return "it is private or not there; forge_token_file lets private ones below forge be read";
    }
    return reason;
}

Clone make_clone(const Git& git, const FetchRequest& request, const fs::path& destination) {
    // --no-local: the objects come through the transport, so no link and no alternate ties the copy
    // to a repository that others change.
    const base::Output cloned = git.run(
        destination.parent_path(), {"clone", "--quiet", "--no-checkout", "--no-local",
                                    "--template=", "--no-recurse-submodules", "--origin=origin",
                                    "--", request.url, destination.native()});
    if (!cloned.status.success()) {
        throw RecipeError{fmt::format("clone {}: {}", request.shown, why_not_cloned(cloned))};
    }
    Clone clone{git, destination};
    if (request.local_copy) {
        // What is a remote branch there would not be cloned.
        (void)clone.run({"fetch", "--quiet", "--no-recurse-submodules", "--", "origin",
                         "+refs/remotes/origin/*:refs/remotes/upstream/*"});
    }
    return clone;
}

std::optional<std::string> find_commit(const Clone& clone, const FetchRequest& request) {
    if (request.ref.empty()) {
        return clone.commit_of("HEAD");
    }
    for (const std::string& revision : revisions_for(request.ref)) {
        if (const auto commit = clone.commit_of(revision)) {
            return commit;
        }
    }
    // Servers hand out a commit that no branch has, if at all, only when it is asked for by name.
    const bool by_name = is_full_commit(request.ref) || request.ref.starts_with("refs/");
    if (by_name && clone.try_fetch(request.ref)) {
        return clone.commit_of("FETCH_HEAD");
    }
    if (request.pull_request.empty() ||
        !clone.try_fetch(fmt::format("refs/pull/{}/head", request.pull_request))) {
        return std::nullopt;
    }
    // The pull request may have moved on since, so its head does not stand for a given commit.
    return clone.commit_of(is_full_commit(request.ref) ? request.ref : "FETCH_HEAD");
}

}  // namespace

std::vector<std::string> revisions_for(const std::string& ref) {
    if (is_full_commit(ref)) {
        return {ref};
    }
    std::vector<std::string> revisions{"refs/remotes/origin/" + ref, "refs/tags/" + ref,
                                       "refs/remotes/upstream/" + ref};
    if (ref.size() >= k_shortest_commit && is_hexadecimal(ref)) {
        revisions.push_back(ref);
    }
    return revisions;
}

Fetched fetch_recipe(const FetchRequest& request, const fs::path& destination,
                     const std::vector<std::string>& environment, const ForgeAccess& access) {
    Git git{environment, request.url, access};
    if (request.local_copy) {
        git.trust(request.url);
    }
    const Clone clone = make_clone(git, request, destination);
    const std::optional<std::string> commit = find_commit(clone, request);
    if (!commit && request.ref.empty()) {
        throw RecipeError{fmt::format("{} has no commit", request.shown)};
    }
    if (!commit) {
        throw RecipeError{fmt::format("ref '{}' not found in {}", request.ref, request.shown)};
    }
    const base::Output output = clone.run({"checkout", "--quiet", "--detach", *commit, "--"});
    if (!output.status.success()) {
        throw RecipeError{
            fmt::format("check out {} of {}: {}", *commit, request.shown, git_reason(output))};
    }
    return {*commit, false};
}

Fetched copy_recipe(const fs::path& source, const fs::path& destination,
                    const std::vector<std::string>& environment) {
    if (!fs::is_directory(source)) {
        throw RecipeError{fmt::format("no recipe at {}", source.native())};
    }
    fs::copy(fs::canonical(source), destination,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    if (!fs::exists(destination / ".git")) {
        return {};
    }
    const Git git{environment, destination.native(), {}};
    const std::optional<std::string> changes =
        git.ask(destination, {"status", "--porcelain", "--ignore-submodules=all"});
    return {Clone{git, destination}.commit_of("HEAD").value_or(""), changes && !changes->empty()};
}

}  // namespace ccci::recipe
