#include <chrono>

#include "recipe/finish.hpp"
#include "recipe/git_repository.hpp"
#include "recipe/recipe_swarm_fixture.hpp"

namespace ccci::recipe {
namespace {

/// Case 44: fetched at a ref, deployed, served over HTTP, torn down to nothing.
TEST_F(RecipeSwarmTest, StaticSitePasses) {
    ask_for("static-site", "stat-aaaaaa.ci.localhost");

    ASSERT_EQ(run(), 0) << log_;

    EXPECT_NE(log_.find("== install == "), std::string::npos) << log_;
    EXPECT_NE(log_.find("deployed 1 service in "), std::string::npos) << log_;
    EXPECT_NE(log_.find("healthy (200) after "), std::string::npos) << log_;
    EXPECT_NE(log_.find("1 test passed in "), std::string::npos) << log_;
    EXPECT_EQ(note(), "level 5 of 5, deploys 1\n");
    EXPECT_NE(log_.find("backup skipped: the recipe declares no backup\n"), std::string::npos)
        << log_;
    EXPECT_NE(log_.find("restore skipped: the recipe declares no backup\n"), std::string::npos)
        << log_;
    const platform::TeardownReport report = tear_down();
    finish_results(job_.run_dir, report);
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(report.removed.at("service"), 1);
    EXPECT_EQ(report.removed.at("env file"), 1);
    EXPECT_EQ(results()["verdict"], "passed");
    EXPECT_EQ(results()["commit"].get<std::string>().size(), 40U);
    EXPECT_EQ(results()["teardown"]["clean"], true);
    EXPECT_EQ(results_schema_error(), "");
}

// Case 44.
TEST_F(RecipeSwarmTest, GuestbookPassesWithSecretConfigVolumeAndHook) {
    ask_for("guestbook", "gues-bbbbbb.ci.localhost");
    job_.stages = naming::parse_stages("install");

    ASSERT_EQ(run(), 0) << log_;

    EXPECT_NE(log_.find("generated 1 secret\n"), std::string::npos) << log_;
    EXPECT_NE(log_.find("hook install_steps of the recipe done"), std::string::npos) << log_;
    EXPECT_NE(log_.find("signed by guestbook\n"), std::string::npos) << log_;
    EXPECT_NE(log_.find("1 test passed, 1 skipped in "), std::string::npos) << log_;
    const json install = results()["tiers"][1];
    EXPECT_EQ(install["result"], "pass");
    EXPECT_EQ(install["tests"][0]["result"], "skip");
    EXPECT_EQ(results()["deploys"], 1);
    const platform::TeardownReport report = tear_down();
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(report.removed.at("secret"), 1);
    EXPECT_EQ(report.removed.at("volume"), 1);
}

TEST_F(RecipeSwarmTest, LabelsAllThatItDeploysWhereTheLockIsOfSeveralHosts) {
    ask_for("guestbook", "gues-b0b0b0.ci.localhost");
    job_.stages = naming::parse_stages("install");
    hold_at(12);

    ASSERT_EQ(run(), 0) << log_;

    // Of the configs one says whose the app is.
    EXPECT_EQ(labelled(12),
              "service 2 of 2\nnetwork 1 of 1\nvolume 1 of 1\nconfig 3 of 3\nsecret 1 of 1\n");
    hold_at(11);
    EXPECT_FALSE(tear_down().clean());
    hold_at(12);
    EXPECT_TRUE(tear_down().clean());
}

TEST_F(RecipeSwarmTest, TakesAPictureOfThePageThatTheSettingsName) {
    ask_for("static-site", "stat-abcdef.ci.localhost");
    job_.stages = naming::parse_stages("install");
    job_.config.screenshot_command = "chromium";
    job_.config.site_tests_dir = dir_.path() / "site";
    fs::create_directories(job_.config.site_tests_dir / "static-site");
    base::write_file_atomically(job_.config.site_tests_dir / "static-site/cc-ci.json",
                                R"({"screenshot": "/"})", 0644);

    ASSERT_EQ(run(), 0) << log_;

    EXPECT_EQ(results()["screenshot"], "screenshot.png") << log_;
    EXPECT_EQ(results_schema_error(), "");
    // The header of a PNG: signature, length and name of its first chunk, width, height.
    const std::string picture =
        base::try_read_file(job_.run_dir / "screenshot.png").value_or("").substr(0, 24);
    EXPECT_TRUE(picture.ends_with(std::string("\0\0\x05\0\0\0\x03\x20", 8))) << log_;
}

TEST_F(RecipeSwarmTest, NeverHealthySaysWhatItAnswered) {
    ask_for("never-healthy", "neve-cccccc.ci.localhost");
    job_.config.health_timeout = std::chrono::seconds{2};
    job_.config.health_codes = {200, 302};

    ASSERT_EQ(run(), 1) << log_;

    const std::string message = results()["tiers"][1]["message"];
    EXPECT_TRUE(message.starts_with("not healthy after 2s: GET http://127.0.0.1:")) << message;
    EXPECT_TRUE(message.ends_with("/: HTTP 500; want HTTP 200, 302")) << message;
    EXPECT_NE(log_.find("install failed: " + message), std::string::npos) << log_;
    EXPECT_EQ(results()["verdict"], "failed");
    EXPECT_EQ(note(), "level 0 of 5 (install: failed), deploys 1\n");
}

/// Nothing of these gets as far as a deploy.
TEST_F(RecipeSwarmTest, BrokenComposeFileIsToldBeforeTheDeploy) {
    const test::GitRepository source{dir_.path() / "source"};
    source.write(".env.sample", "");
    source.commit("compose.yml", "services: {app: {image: 'ccci-test/web:${NO_SUCH_TAG}'}}\n");
    ask_for("broken", "brok-dddddd.ci.localhost");
    job_.source = source.path();
    job_.ref = "main";

    ASSERT_EQ(run(), 1) << log_;

    EXPECT_EQ(results()["tiers"][1]["message"],
              "compose.yml: services.app.image: NO_SUCH_TAG is not set; .env.sample must set it");
    EXPECT_EQ(results()["deploys"], 0);

    job_.ref = "nope";
    ASSERT_EQ(run(), 1) << log_;
    EXPECT_EQ(results()["tiers"][0]["message"],
              "ref 'nope' not found in " + source.path().native());
    EXPECT_EQ(results()["tiers"][1]["result"], "unverified");
}

}  // namespace
}  // namespace ccci::recipe
