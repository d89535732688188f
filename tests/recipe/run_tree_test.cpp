#include "recipe/run_tree.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/process.hpp"
#include "recipe/recipe_error.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

namespace fs = std::filesystem;

/// Case 49: the per-run ABRA_DIR.
class RunTreeTest : public testing::Test {
protected:
    RunTreeTest() { fs::create_directory(run_dir_); }

    RunTree make() { return make_run_tree(run_dir_, canonical_); }

    test::TempDir dir_;
    fs::path run_dir_ = dir_.path() / "run";
    fs::path canonical_ = dir_.path() / "home/.abra";
};

TEST_F(RunTreeTest, LinksServersAndCatalogueAndHasRecipesOfItsOwn) {
    const RunTree tree = make();

    EXPECT_EQ(fs::canonical(tree.abra() / "servers"), fs::canonical(canonical_ / "servers"));
    EXPECT_EQ(fs::canonical(tree.abra() / "catalogue"), fs::canonical(canonical_ / "catalogue"));
    EXPECT_TRUE(fs::is_symlink(tree.abra() / "servers"));
    EXPECT_FALSE(fs::is_symlink(tree.abra() / "recipes"));
    EXPECT_TRUE(fs::is_empty(tree.abra() / "recipes"));
    EXPECT_EQ(fs::status(canonical_).permissions(), fs::perms::owner_all);
}

TEST_F(RunTreeTest, WritesEnvFilesToTheCanonicalPlace) {
    const RunTree tree = make();

    std::ofstream{tree.env_file("a.b")} << "X=1\n";

    EXPECT_TRUE(fs::exists(canonical_ / "servers/default/a.b.env"));
}

TEST_F(RunTreeTest, IsMadeAnewOverWhatIsThere) {
    const RunTree first = make();
    std::ofstream{first.env_file("a.b")} << "X=1\n";
    fs::create_directories(first.recipe("old"));
    fs::create_directories(first.tests() / "install");
    count_deploy(first);

    const RunTree second = make();

    EXPECT_TRUE(fs::is_empty(second.abra() / "recipes"));
    EXPECT_FALSE(fs::exists(second.tests()));
    EXPECT_EQ(try_read_deploy_count(second), 0);
    EXPECT_TRUE(fs::exists(canonical_ / "servers/default/a.b.env")) << "a link was followed";
}

TEST_F(RunTreeTest, IsExported) {
    const std::vector<std::string> environment =
        run_environment({"PATH=/bin", "ABRA_DIR=/elsewhere"}, make());

    EXPECT_EQ(base::find_variable(environment, "ABRA_DIR"), (run_dir_ / "abra").native());
    EXPECT_EQ(base::find_variable(environment, "CCCI_DEPLOY_COUNT_FILE"),
              (run_dir_ / "deploy-count").native());
    EXPECT_EQ(base::find_variable(environment, "PATH"), "/bin");
}

TEST_F(RunTreeTest, KeepsTheTestsWhenTheTreeMoves) {
    const RunTree tree = make();
    const fs::path test = tree.recipe("r") / "tests/install/t";
    fs::create_directories(test.parent_path());
    std::ofstream{test} << "#!/bin/sh\n";
    fs::permissions(test, fs::perms::owner_all);

    snapshot_tests(tree, "r");
    fs::remove_all(tree.recipe("r"));

    EXPECT_EQ(fs::status(tree.tests() / "install/t").permissions(), fs::perms::owner_all);
}

TEST_F(RunTreeTest, TakesOnlyAFolderForTests) {
    const RunTree tree = make();
    fs::create_directories(tree.recipe("r"));

    snapshot_tests(tree, "r");
    EXPECT_FALSE(fs::exists(tree.tests()));

    fs::create_directory_symlink("/etc", tree.recipe("r") / "tests");
    EXPECT_THROW(snapshot_tests(tree, "r"), RecipeError);
}

TEST_F(RunTreeTest, CountsDeploys) {
    const RunTree tree = make();

    count_deploy(tree);
    count_deploy(tree);
    EXPECT_EQ(try_read_deploy_count(tree), 2);

    for (const char* text : {"", "-1", "two", "1 1", "99999999999999999999"}) {
        std::ofstream{tree.deploy_count()} << text;
        EXPECT_FALSE(try_read_deploy_count(tree)) << text;
        EXPECT_THROW(count_deploy(tree), RecipeError) << text;
    }
}

}  // namespace
}  // namespace ccci::recipe
