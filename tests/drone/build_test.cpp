#include "drone/build.hpp"

#include <gtest/gtest.h>

namespace ccci::drone {
namespace {

TEST(ParseBuildIdTest, TakesWhatDroneCallsABuild) {
    EXPECT_EQ(parse_build_id("ops/recipes", "267"), (BuildId{"ops/recipes", "267"}));
    EXPECT_EQ(parse_build_id("A.b-c_d/e.f", "1"), (BuildId{"A.b-c_d/e.f", "1"}));
}

TEST(ParseBuildIdTest, RefusesWhatWouldBeAnotherUrl) {
    for (const char* repository :
         {"", "ops", "/", "ops/", "/recipes", "ops/recipes/builds", "../recipes", "ops/..", "./x",
          "ops/re cipes", "ops/x?y", "ops/x#", "ops/x%2e", "ops/x@y", "ops\n/x"}) {
        EXPECT_EQ(parse_build_id(repository, "267"), std::nullopt) << repository;
    }
    EXPECT_EQ(parse_build_id("ops/" + std::string(101, 'a'), "267"), std::nullopt);
    for (const char* number : {"", "-1", "1.5", "1/2", "..", " 1", "1\n", "1234567890123456789"}) {
        EXPECT_EQ(parse_build_id("ops/recipes", number), std::nullopt) << number;
    }
}

TEST(BuildUrlTest, IsBelowTheServer) {
    const BuildId build{"ops/recipes", "267"};
    EXPECT_EQ(build_url("https://drone.example.net", build),
              "https://drone.example.net/api/repos/ops/recipes/builds/267");
    EXPECT_EQ(build_url("https://example.net/drone/", build),
              "https://example.net/drone/api/repos/ops/recipes/builds/267");
}

TEST(ParseStatusTest, FindsTheStatusOfTheBuild) {
    EXPECT_EQ(parse_status(R"({"status": "killed", "stages": [{"status": "running"}]})"), "killed");
}

TEST(ParseStatusTest, TakesNothingElseForOne) {
    for (const char* text : {"", "null", "[]", "{}", "killed", R"("killed")", R"({"status": 1})",
                             R"({"status": null})", R"([{"status": "killed"}])", "{\"status\""}) {
        EXPECT_EQ(parse_status(text), std::nullopt) << text;
    }
}

TEST(ParseBuildTest, SaysWhatBecameOfIt) {
    const Build build = parse_build(
        R"({"number": 291, "status": "error", "error": "no pipeline", "created": 1772356950,
            "finished": 1772356951, "params": {"PR": "7", "x": 1}})");
    EXPECT_EQ(build.number, 291);
    EXPECT_EQ(build.status, "error");
    EXPECT_EQ(build.error, "no pipeline");
    EXPECT_EQ(std::chrono::system_clock::to_time_t(build.created), 1772356950);
    EXPECT_EQ(std::chrono::system_clock::to_time_t(build.finished), 1772356951);
    EXPECT_EQ(build.parameters, (std::map<std::string, std::string>{{"PR", "7"}}));
}

TEST(ParseBuildTest, RefusesWhatIsNone) {
    for (const char* text :
         {"", "null", "[]", "{}", R"({"number": 291})", R"({"status": "running"})",
          R"({"number": -1, "status": "running"})", R"({"number": 1e30, "status": "running"})"}) {
        EXPECT_THROW((void)parse_build(text), std::invalid_argument) << text;
    }
    EXPECT_THROW((void)parse_builds("{}"), std::invalid_argument);
    EXPECT_THROW((void)parse_builds("[null]"), std::invalid_argument);
}

TEST(ParseStartedTest, KnowsThatNullIsASkippedBuild) {
    EXPECT_EQ(parse_started("null"), std::nullopt);
    EXPECT_EQ(parse_started(R"({"number": 291, "status": "pending"})")->number, 291);
    EXPECT_THROW((void)parse_started("{}"), std::invalid_argument);
}

TEST(BuildTest, IsOverWhenNothingOfItWillRun) {
    for (const char* status : {"pending", "running", "blocked", "waiting_on_dependencies"}) {
        Build build;
        build.status = status;
        EXPECT_FALSE(build.is_over()) << status;
    }
    for (const char* status : {"success", "failure", "killed", "error", "skipped", "declined"}) {
        Build build;
        build.status = status;
        EXPECT_TRUE(build.is_over()) << status;
    }
}

TEST(FindBuildTest, TakesTheFirstWithTheParameter) {
    const std::vector<Build> builds = parse_builds(
        R"([{"number": 4, "status": "running", "params": {"T": "31"}},
            {"number": 3, "status": "killed", "params": {"T": "32"}},
            {"number": 2, "status": "killed", "params": {"T": "31"}},
            {"number": 1, "status": "success", "params": null}])");
    EXPECT_EQ(find_build(builds, "T", "31")->number, 2);
    EXPECT_EQ(find_build(builds, "T", "3"), std::nullopt);
    EXPECT_EQ(find_build(builds, "U", "31"), std::nullopt);
}

}  // namespace
}  // namespace ccci::drone
