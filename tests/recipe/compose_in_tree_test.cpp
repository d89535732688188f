#include "recipe/compose_in_tree.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/files.hpp"
#include "recipe/recipe_error.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

class ComposeInTreeTest : public testing::Test {
protected:
    ComposeInTreeTest() {
        std::filesystem::create_directory(tree_);
        write(env_file_, "TYPE=guestbook\nCOMPOSE_FILE=compose.yml # more below\n");
        write(tree_ / "compose.yml", "services: {}\n");
        write(outside_, "services: {app: {}}\n");
    }
    static void write(const std::filesystem::path& file, const std::string& text) {
        std::ofstream{file} << text;
    }
    static std::string read(const std::filesystem::path& file) {
        return base::try_read_file(file).value_or("nothing");
    }

    test::TempDir dir_;
    std::filesystem::path tree_ = dir_.path() / "tree";
    std::filesystem::path env_file_ = dir_.path() / "app.env";
    std::filesystem::path outside_ = dir_.path() / "tree.yml";
};

TEST_F(ComposeInTreeTest, LeavesATreeThatHasAllOfThemAlone) {
    const std::string before = read(env_file_);

    bring_into_tree(tree_, env_file_, {tree_ / "compose.yml", tree_ / "more" / "compose.yml"});

    EXPECT_EQ(read(env_file_), before);
}

TEST_F(ComposeInTreeTest, CopiesTheOthersAndNamesThemAll) {
    bring_into_tree(tree_, env_file_, {tree_ / "compose.yml", outside_});

    EXPECT_EQ(read(env_file_), "TYPE=guestbook\nCOMPOSE_FILE=compose.yml:compose.cc-ci-1.yml\n");
    EXPECT_EQ(read(tree_ / "compose.cc-ci-1.yml"), "services: {app: {}}\n");
}

TEST_F(ComposeInTreeTest, WritesNowhereThatARecipesLinkLeads) {
    write(dir_.path() / "precious", "mine");
    std::filesystem::create_symlink(dir_.path() / "precious", tree_ / "compose.cc-ci-1.yml");

    bring_into_tree(tree_, env_file_, {outside_});

    EXPECT_EQ(read(dir_.path() / "precious"), "mine");
    EXPECT_EQ(read(tree_ / "compose.cc-ci-1.yml"), "services: {app: {}}\n");
}

TEST_F(ComposeInTreeTest, NamesAFileThatIsGone) {
    EXPECT_THROW(bring_into_tree(tree_, env_file_, {dir_.path() / "gone.yml"}), RecipeError);
}

}  // namespace
}  // namespace ccci::recipe
