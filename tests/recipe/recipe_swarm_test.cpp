#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "platform/platform.hpp"
#include "recipe/finish.hpp"
#include "recipe/git_repository.hpp"
#include "recipe/job.hpp"
#include "recipe/results.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Whole runs of the sample recipes on a real Swarm.
class RecipeSwarmTest : public testing::Test {
protected:
    void SetUp() override {
        if (std::getenv("CCCI_SANDBOX_SWARM") == nullptr) {
            GTEST_SKIP() << "needs a Swarm with the test images: tests/sandbox/sandbox --swarm";
        }
        const base::Output made = base::run_and_capture(
            {.argv = {CCCI_SOURCE_DIR "/tests/recipes/make-repositories", repositories_.native()}});
        ASSERT_TRUE(made.status.success()) << made.text;
        job_.config.platform = run::PlatformKind::swarm;
        job_.config.resolve_image = "never";
        job_.config.abra_dir = dir_.path() / "abra";
        job_.config.health_url = "http://127.0.0.1:{published_port}/";
        job_.config.health_timeout = std::chrono::seconds{20};
        job_.run_id = "7";
        job_.run_dir = dir_.path() / "run";
        job_.stages = naming::parse_stages("");
        job_.environment = base::own_environment();
        base::set_variable(job_.environment, "CCCI_NOTE_FILE", (job_.run_dir / "note").native());
        fs::create_directory(job_.run_dir);
    }
    void TearDown() override {
        if (!job_.domain.empty()) {
            (void)tear_down();
        }
    }

    void ask_for(const std::string& recipe, const std::string& domain) {
        job_.recipe = recipe;
        job_.ref = "1.0.0+1.0.0";
        job_.source = (repositories_ / (recipe + ".git")).native();
        job_.domain = domain;
    }
    int run() {
        testing::internal::CaptureStdout();
        const int code = run_job(job_);
        log_ = testing::internal::GetCapturedStdout();
        return code;
    }
    platform::TeardownReport tear_down() {
        return platform::make_platform(job_.config)
            ->teardown(job_.domain, std::chrono::steady_clock::now() + std::chrono::minutes{1});
    }
    json results() {
        return json::parse(base::try_read_file(results_file(job_.run_dir)).value_or(""));
    }
    std::string note() { return base::try_read_file(job_.run_dir / "note").value_or(""); }

    test::TempDir dir_;
    fs::path repositories_ = dir_.path() / "repositories";
    JobContext job_;
    std::string log_;
};

/// Case 44: fetched at a ref, deployed, served over HTTP, torn down to nothing.
TEST_F(RecipeSwarmTest, StaticSitePasses) {
    ask_for("static-site", "stat-aaaaaa.ci.localhost");

    ASSERT_EQ(run(), 0) << log_;

    EXPECT_NE(log_.find("== install ==\n"), std::string::npos) << log_;
    EXPECT_NE(log_.find("deployed 1 service in "), std::string::npos) << log_;
    EXPECT_NE(log_.find("healthy (200) after "), std::string::npos) << log_;
    EXPECT_NE(log_.find("1 test passed in "), std::string::npos) << log_;
    EXPECT_EQ(note(), "level 1 of 5 (backup: not run), deploys 1\n");
    const platform::TeardownReport report = tear_down();
    finish_results(job_.run_dir, report);
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(report.removed.at("service"), 1);
    EXPECT_EQ(report.removed.at("env file"), 1);
    EXPECT_EQ(results()["verdict"], "passed");
    EXPECT_EQ(results()["commit"].get<std::string>().size(), 40U);
    EXPECT_EQ(results()["teardown"]["clean"], true);
}

// Case 44.
TEST_F(RecipeSwarmTest, GuestbookPassesWithSecretConfigVolumeAndHook) {
    ask_for("guestbook", "gues-bbbbbb.ci.localhost");

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

/// A recipe with a history, of which everything but the code under test is published.
class UpgradeSwarmTest : public RecipeSwarmTest {
protected:
    void SetUp() override {
        RecipeSwarmTest::SetUp();
        if (IsSkipped()) {
            return;
        }
        source_.emplace(dir_.path() / "source");
        fs::copy(CCCI_SOURCE_DIR "/tests/recipes/guestbook", source_->path(),
                 fs::copy_options::recursive);
        source_->commit("README.md", "one");
        source_->git({"tag", "1.0.0+1.0.0"});  // a lightweight one
    }

    void ask_for_head(const std::string& domain) {
        ask_for("guestbook", domain);
        job_.source = source_->path();
        job_.ref = "main";
    }

    void publish_next() const {
        // The variable makes the Swarm replace the task, the label alone does not.
        std::string text = base::try_read_file(source_->path() / "compose.yml").value_or("");
        text = base::replace_all(text, "version=1.0.0+1.0.0", "version=1.1.0+1.0.0");
        text = base::replace_all(text, "- DB_HOST=db", "- DB_HOST=db\n      - RELEASE=2");
        source_->commit("compose.yml", text);
    }

    std::optional<test::GitRepository> source_;
};

// Cases 47 and 48: it waits for the update to be over, and two deploys are what it may take.
TEST_F(UpgradeSwarmTest, KeepsTheDataAndProvesThatItMoved) {
    publish_next();
    source_->write("tests/upgrade/still-signed",
                   "#!/bin/sh\nbusybox wget -q -O - \"$CCCI_URL\" | grep 'signed by guestbook'\n",
                   0755);
    source_->write("tests/pre_upgrade", "#!/bin/sh\necho \"before at $CCCI_URL\"\n", 0755);
    source_->write("tests/custom/tier", "#!/bin/sh\n[ \"$CCCI_TIER\" = custom ]\n", 0755);
    source_->commit("README.md", "two");
    ask_for_head("gues-eeeeee.ci.localhost");

    ASSERT_EQ(run(), 0) << log_;

    EXPECT_NE(log_.find("installing 1.0.0+1.0.0 first"), std::string::npos) << log_;
    EXPECT_NE(log_.find("before at http://"), std::string::npos) << log_;
    EXPECT_NE(
        log_.find("changed since 1.0.0+1.0.0: app: coop-cloud.gues-eeeeee_ci_localhost.version "
                  "1.0.0+1.0.0 -> 1.1.0+1.0.0"),
        std::string::npos)
        << log_;
    EXPECT_EQ(results()["base"], "1.0.0+1.0.0");
    EXPECT_EQ(results()["tiers"][2]["result"], "pass");
    EXPECT_EQ(results()["tiers"][5]["result"], "pass");
    EXPECT_EQ(note(), "level 2 of 5 (backup: not run), deploys 2\n");
    EXPECT_TRUE(tear_down().clean());
}

TEST_F(UpgradeSwarmTest, ThatDoesNothingIsAFailure) {
    source_->commit("README.md", "two");
    ask_for_head("gues-ffffff.ci.localhost");

    ASSERT_EQ(run(), 1) << log_;

    EXPECT_EQ(results()["tiers"][2]["message"],
              "the upgrade from 1.0.0+1.0.0 changed nothing: every image and every label of every "
              "service is as it was");
    EXPECT_EQ(results()["tiers"][5]["result"], "unverified");
    EXPECT_TRUE(tear_down().clean());
}

TEST_F(UpgradeSwarmTest, ThatTheSwarmRollsBackIsAFailure) {
    const std::string old = base::try_read_file(source_->path() / "compose.yml").value_or("");
    const std::string careful = base::replace_all(
        old, "    deploy:\n      labels:",
        "    deploy:\n      update_config: {failure_action: rollback, monitor: 5s}\n      labels:");
    ASSERT_NE(careful, old);
    source_->commit("compose.yml", careful);
    source_->git({"tag", "1.0.1+1.0.0"});
    source_->commit("compose.yml",
                    base::replace_all(careful, "[\"/bin/httpd\", \"-f\", \"-p\", \"80\"",
                                      "[\"/bin/false\", \"-f\", \"-p\", \"80\""));
    ask_for_head("gues-777777.ci.localhost");

    ASSERT_EQ(run(), 1) << log_;

    const std::string message = results()["tiers"][2]["message"];
    EXPECT_TRUE(message.starts_with("the Swarm rolled the update of app back: ")) << message;
    EXPECT_TRUE(tear_down().clean());
}

// Case 48.
TEST_F(UpgradeSwarmTest, ATestThatDeploysFailsTheRun) {
    source_->write("tests/install/deploys", "#!/bin/sh\necho 2 >\"$CCCI_DEPLOY_COUNT_FILE\"\n",
                   0755);
    source_->commit("README.md", "two");
    ask_for_head("gues-888888.ci.localhost");
    job_.stages = naming::parse_stages("install");

    ASSERT_EQ(run(), 1) << log_;

    EXPECT_EQ(results()["tiers"][1]["message"], "the deploy count is 2, want exactly 1");
}

TEST_F(UpgradeSwarmTest, NamesTheOldVersionThatCannotBeInstalled) {
    source_->commit("compose.yml", "services: {app: {image: 'ccci-test/web:${NO_SUCH_TAG}'}}\n");
    source_->git({"tag", "1.0.1+1.0.0"});
    source_->git({"checkout", "--quiet", "1.0.0+1.0.0", "--", "compose.yml"});
    source_->commit("README.md", "mended");
    ask_for_head("gues-999999.ci.localhost");

    ASSERT_EQ(run(), 1) << log_;

    EXPECT_EQ(results()["tiers"][1]["message"],
              "1.0.1+1.0.0, which the upgrade begins with: compose.yml: services.app.image: "
              "NO_SUCH_TAG is not set; .env.sample must set it");

    job_.stages = naming::parse_stages("install");
    EXPECT_EQ(run(), 0) << log_;
    EXPECT_EQ(results()["base"], nullptr);
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
