#include "recipe/fetch.hpp"

#include <gtest/gtest.h>

#include "recipe/git_repository.hpp"
#include "recipe/recipe_error.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

namespace fs = std::filesystem;

/// Runs against real repositories: only git knows what a ref is.
class FetchTest : public testing::Test {
protected:
    Fetched fetch(const std::string& ref, const std::string& pull_request = "") {
        fs::remove_all(copy_);
        return fetch_recipe({.url = source_.path().native(),
                             .ref = ref,
                             .pull_request = pull_request,
                             .shown = "owner/name"},
                            copy_, base::own_environment(), {});
    }
    std::string refusal(const std::string& ref, const std::string& pull_request = "") {
        try {
            (void)fetch(ref, pull_request);
        } catch (const RecipeError& error) {
            return error.what();
        }
        return "accepted";
    }
    std::string fetched_text() { return base::try_read_file(copy_ / "file").value_or("none"); }

    test::TempDir dir_;
    test::GitRepository source_{dir_.path() / "source"};
    fs::path copy_ = dir_.path() / "copy";
};

TEST_F(FetchTest, ChecksOutTheDefaultBranch) {
    const std::string commit = source_.commit("file", "one");

    const Fetched fetched = fetch("");

    EXPECT_EQ(fetched.commit, commit);
    EXPECT_FALSE(fetched.modified);
    EXPECT_EQ(fetched_text(), "one");
}

TEST_F(FetchTest, FindsBranchesTagsAndCommits) {
    const std::string first = source_.commit("file", "first");
    source_.git({"tag", "--annotate", "--message=x", "1.0.0+1.0.0"});
    source_.git({"tag", "light"});
    source_.git({"checkout", "--quiet", "-b", "feature/x_1"});
    const std::string second = source_.commit("file", "second");
    source_.git({"checkout", "--quiet", "main"});

    EXPECT_EQ(fetch("1.0.0+1.0.0").commit, first);
    EXPECT_EQ(fetch("light").commit, first);
    EXPECT_EQ(fetch("feature/x_1").commit, second);
    EXPECT_EQ(fetched_text(), "second");
    EXPECT_EQ(fetch(first).commit, first);
    EXPECT_EQ(fetch(second.substr(0, 7)).commit, second);
    EXPECT_EQ(fetch("refs/tags/light").commit, first);
}

TEST_F(FetchTest, TakesAFullCommitForNothingElse) {
    const std::string first = source_.commit("file", "first");
    source_.commit("file", "second");
    source_.git({"update-ref", "refs/heads/" + first, "HEAD"});

    EXPECT_EQ(fetch(first).commit, first) << "a branch that is named like a commit won";
}

TEST_F(FetchTest, FallsBackToThePullRequest) {
    source_.commit("file", "main");
    source_.git({"checkout", "--quiet", "--detach"});
    const std::string proposed = source_.commit("file", "proposed");
    source_.git({"update-ref", "refs/pull/7/head", proposed});
    source_.git({"checkout", "--quiet", "main"});

    EXPECT_EQ(fetch("fork-branch", "7").commit, proposed);
    EXPECT_EQ(fetch(proposed, "7").commit, proposed);
    EXPECT_EQ(refusal("fork-branch", "8"), "ref 'fork-branch' not found in owner/name");
    const std::string unknown(40, 'a');
    EXPECT_EQ(refusal(unknown, "7"), "ref '" + unknown + "' not found in owner/name");
}

TEST_F(FetchTest, SaysWhatIsMissing) {
    EXPECT_EQ(refusal(""), "owner/name has no commit");
    source_.commit("file", "one");
    EXPECT_EQ(refusal("nope"), "ref 'nope' not found in owner/name");
    EXPECT_EQ(refusal("--help"), "ref '--help' not found in owner/name");
    EXPECT_EQ(refusal("main^{tree}"), "ref 'main^{tree}' not found in owner/name");
    fs::remove_all(source_.path());
    EXPECT_EQ(refusal("main"),
              "clone owner/name: repository '" + source_.path().native() + "' does not exist");
}

TEST_F(FetchTest, RunsNothingThatTheHostOrTheSourceNames) {
    const fs::path trap = dir_.path() / "trap";
    const fs::path hooks = dir_.path() / "hooks";
    fs::create_directory(hooks);
    const test::GitRepository script{dir_.path() / "script"};
    script.write("post-checkout", "#!/bin/sh\ntouch " + trap.native() + "\n", 0755);
    fs::copy(script.path() / "post-checkout", hooks / "post-checkout");
    script.write(".gitconfig", "[core]\n hooksPath = " + hooks.native() +
                                   "\n[url \"/no/where/\"]\n insteadOf = /\n");
    source_.write(".git/hooks/post-checkout", "#!/bin/sh\ntouch " + trap.native() + "\n", 0755);
    source_.commit("file", "one");
    std::vector<std::string> environment = base::own_environment();
    base::set_variable(environment, "HOME", script.path().native());
    base::set_variable(environment, "GIT_CONFIG_GLOBAL", (script.path() / ".gitconfig").native());
    const auto fetch_from = [&](const std::string& url) {
        fs::remove_all(copy_);
        (void)fetch_recipe({.url = url, .ref = "", .pull_request = "", .shown = "s"}, copy_,
                           environment, {});
    };

    fetch_from(source_.path().native());
    EXPECT_THROW(fetch_from("ext::touch " + trap.native()), RecipeError);
    EXPECT_THROW(fetch_from("--upload-pack=touch " + trap.native()), RecipeError);

    EXPECT_FALSE(fs::exists(trap));
}

TEST_F(FetchTest, SeesRemoteBranchesOfALocalCopy) {
    source_.commit("file", "main");
    source_.git({"checkout", "--quiet", "-b", "topic"});
    const std::string topic = source_.commit("file", "topic");
    source_.git({"checkout", "--quiet", "main"});
    const fs::path canonical = dir_.path() / "canonical";
    source_.git({"clone", "--quiet", source_.path().native(), canonical.native()});

    const Fetched fetched = fetch_recipe({.url = canonical.native(),
                                          .ref = "topic",
                                          .pull_request = "",
                                          .shown = "canonical",
                                          .local_copy = true},
                                         copy_, base::own_environment(), {});

    EXPECT_EQ(fetched.commit, topic);
}

TEST_F(FetchTest, CopiesAStagedTreeWithItsChanges) {
    const std::string commit = source_.commit("file", "one");
    fs::create_symlink("file", source_.path() / "link");

    const Fetched clean_but_for_the_link =
        copy_recipe(source_.path(), copy_, base::own_environment());
    EXPECT_EQ(clean_but_for_the_link.commit, commit);
    EXPECT_TRUE(clean_but_for_the_link.modified);
    EXPECT_TRUE(fs::is_symlink(copy_ / "link"));

    fs::remove(source_.path() / "link");
    fs::remove_all(copy_);
    EXPECT_FALSE(copy_recipe(source_.path(), copy_, base::own_environment()).modified);

    source_.write("file", "changed");
    fs::remove_all(copy_);
    EXPECT_TRUE(copy_recipe(source_.path(), copy_, base::own_environment()).modified);
    EXPECT_EQ(fetched_text(), "changed");
}

TEST_F(FetchTest, CopiesATreeThatIsNoRepository) {
    fs::create_directory(dir_.path() / "plain");

    EXPECT_EQ(copy_recipe(dir_.path() / "plain", copy_, base::own_environment()).commit, "");
    EXPECT_THROW(copy_recipe(dir_.path() / "none", copy_ / "x", base::own_environment()),
                 RecipeError);
}

}  // namespace
}  // namespace ccci::recipe
