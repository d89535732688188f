#include <optional>

#include "base/text.hpp"
#include "recipe/git_repository.hpp"
#include "recipe/recipe_swarm_fixture.hpp"

namespace ccci::recipe {
namespace {

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
        job_.stages = naming::parse_stages("install,upgrade,custom");
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

}  // namespace
}  // namespace ccci::recipe
