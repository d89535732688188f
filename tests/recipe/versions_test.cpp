#include "recipe/versions.hpp"

#include <gtest/gtest.h>

namespace ccci::recipe {
namespace {

TEST(VersionsTest, HaveTheRecipesOwnAndTheAppsPart) {
    for (const char* tag : {"1.2.0+4.5.1", "0.1.0+v4", "10.0.0+2026.01-rc1"}) {
        EXPECT_TRUE(is_version(tag)) << tag;
    }
    for (const char* tag : {"", "1.2.0", "1.2+4", "1.2.0+", "v1.2.0+4", "1.2.0-4.5", "1.2.0.1+4",
                            "1..0+4", "-1.2.0+4", "99999999999.0.0+1"}) {
        EXPECT_FALSE(is_version(tag)) << tag;
    }
}

TEST(VersionsTest, AreOrderedByTheRecipesPartThenByTheApps) {
    const std::vector<std::vector<std::string>> rising{
        {"1.9.0+9.0", "1.10.0+1.0"},        {"1.0.0+4.9", "1.0.0+4.10"},
        {"1.0.0+v4", "1.0.0+v4.1"},         {"1.0.0+2026.01", "1.0.0+2026.2"},
        {"1.0.0+4.5-rc1", "1.0.0+4.5-rc2"}, {"2.0.0+1", "10.0.0+0"},
    };
    for (const std::vector<std::string>& pair : rising) {
        EXPECT_EQ(newest_version(pair), pair[1]);
        EXPECT_EQ(newest_version({pair[1], pair[0]}), pair[1]);
    }
}

TEST(VersionsTest, AreTheOnlyTagsThatCount) {
    EXPECT_EQ(newest_version({"zzz", "1.0.0+1.0", "2.0.0", ""}), "1.0.0+1.0");
    EXPECT_EQ(newest_version({"latest"}), std::nullopt);
    EXPECT_EQ(newest_version({}), std::nullopt);
}

}  // namespace
}  // namespace ccci::recipe
