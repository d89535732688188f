#include "recipe/base_version.hpp"

#include <gtest/gtest.h>

#include "recipe/git_repository.hpp"
#include "recipe/recipe_error.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

class BaseVersionTest : public testing::Test {
protected:
    [[nodiscard]] std::optional<std::string> find(bool modified = false) const {
        return find_base_version(source_.path(), modified, base::own_environment());
    }

    test::TempDir dir_;
    test::GitRepository source_{dir_.path() / "source"};
};

TEST_F(BaseVersionTest, IsTheNewestBeforeTheCodeUnderTest) {
    source_.commit("compose.yml", "1");
    source_.git({"tag", "1.9.0+1"});
    source_.commit("compose.yml", "2");
    source_.git({"tag", "--annotate", "--message", "x", "1.10.0+1"});
    source_.commit("compose.yml", "3");

    EXPECT_EQ(find(), "1.10.0+1");
}

TEST_F(BaseVersionTest, IsNotTheCodeUnderTestItself) {
    source_.commit("compose.yml", "1");
    source_.git({"tag", "1.0.0+1"});
    EXPECT_EQ(find(), std::nullopt);
    EXPECT_EQ(find(true), "1.0.0+1") << "what was changed since comes after it";

    source_.commit("compose.yml", "2");
    source_.git({"tag", "1.1.0+1"});
    EXPECT_EQ(find(), "1.0.0+1");
}

TEST_F(BaseVersionTest, IsNotOfAnotherLine) {
    source_.commit("compose.yml", "1");
    source_.git({"tag", "1.0.0+1"});
    source_.git({"checkout", "--quiet", "-b", "next"});
    source_.commit("compose.yml", "2");
    source_.git({"tag", "2.0.0+1"});
    source_.git({"checkout", "--quiet", "main"});
    source_.commit("README.md", "a fix");

    EXPECT_EQ(find(), "1.0.0+1");
}

TEST_F(BaseVersionTest, IsNoneWithoutHistory) {
    source_.commit("compose.yml", "1");
    EXPECT_EQ(find(), std::nullopt);

    std::filesystem::remove_all(source_.path() / ".git");
    EXPECT_EQ(find(), std::nullopt);
}

TEST_F(BaseVersionTest, IsCheckedOutExactly) {
    source_.commit("compose.yml", "old");
    source_.git({"tag", "1.0.0+1"});
    source_.commit("compose.yml", "new");
    source_.git({"branch", "1.0.0+1"});  // of the same name, elsewhere
    source_.write("compose.yml", "changed since");
    const auto tree = dir_.path() / "tree";

    check_out_version(source_.path(), "1.0.0+1", tree, base::own_environment());

    EXPECT_EQ(base::try_read_file(tree / "compose.yml"), "old");
    EXPECT_EQ(base::try_read_file(source_.path() / "compose.yml"), "changed since");
    try {
        check_out_version(source_.path(), "3.0.0+1", dir_.path() / "other",
                          base::own_environment());
        FAIL();
    } catch (const RecipeError& error) {
        EXPECT_EQ(std::string{error.what()}.substr(0, 19), "check out 3.0.0+1: ");
    }
}

}  // namespace
}  // namespace ccci::recipe
