#include "naming/domain.hpp"

#include <gtest/gtest.h>

#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::naming {
namespace {

TEST(RunAppDomainTest, IsTheRecipeAndTheDigestOfTheRequest) {
    // printf 'immich|2|abc' | sha1sum
    EXPECT_EQ(run_app_domain("immich", "2", "abc", "ci.example.net"), "immi-e45b00.ci.example.net");
    // printf 'a||main' | sha1sum
    EXPECT_EQ(run_app_domain("a", "", "main", "ci.example.net"), "a-c815d4.ci.example.net");
}

TEST(RunAppDomainTest, IsARunAppForEveryRecipeName) {
    const run::RunAppPattern pattern = run::RunAppPattern::for_base_domain("ci.example.net");
    for (const char* recipe : {"x", "abc-def", "a-b-c-d", "0"}) {
        EXPECT_TRUE(pattern.matches(run_app_domain(recipe, "7", "main", "ci.example.net")))
            << recipe;
    }
}

TEST(RunAppDomainTest, DiffersForEachPartOfTheRequest) {
    const std::string one = run_app_domain("immich", "2", "abc", "x.net");

    EXPECT_NE(one, run_app_domain("immigrate", "2", "abc", "x.net"));
    EXPECT_NE(one, run_app_domain("immich", "3", "abc", "x.net"));
    EXPECT_NE(one, run_app_domain("immich", "2", "abd", "x.net"));
}

TEST(RunAppDomainTest, RefusesABaseThatMakesNoDomain) {
    EXPECT_THROW(run_app_domain("immich", "2", "abc", "Not A Domain"), run::UsageError);
}

TEST(DependencyDomainTest, IsARunAppOfThatRunAlone) {
    const std::string one = dependency_domain("keycloak", "immi-e45b00.x.net", "x.net");

    // printf 'immi-e45b00.x.net|keycloak' | sha1sum
    EXPECT_EQ(one, "keyc-402bd4.x.net");
    EXPECT_TRUE(run::RunAppPattern::for_base_domain("x.net").matches(one));
    EXPECT_NE(one, dependency_domain("keycloak", "immi-e45b01.x.net", "x.net"));
    EXPECT_NE(one, dependency_domain("keycloak-x", "immi-e45b00.x.net", "x.net"));
}

TEST(CloneUrlTest, CompletesOwnerAndName) {
    EXPECT_EQ(clone_url("owner/name", "https://git.example.net"),
              "https://git.example.net/owner/name.git");
    EXPECT_EQ(clone_url("owner/name.git", "https://git.example.net/"),
              "https://git.example.net/owner/name.git");
}

TEST(CloneUrlTest, LeavesPathsAndUrlsAlone) {
    EXPECT_EQ(clone_url("/srv/x", "https://git.example.net"), "/srv/x");
    EXPECT_EQ(clone_url("https://other.net/a/b", ""), "https://other.net/a/b");
}

TEST(CloneUrlTest, NeedsTheForge) {
    EXPECT_THROW(clone_url("owner/name", ""), run::UsageError);
}

}  // namespace
}  // namespace ccci::naming
