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

}  // namespace
}  // namespace ccci::drone
