#include <fmt/format.h>

#include <fstream>
#include <optional>
#include <stdexcept>

#include "base/text.hpp"
#include "engine/client.hpp"
#include "recipe/git_repository.hpp"
#include "recipe/recipe_swarm_fixture.hpp"

namespace ccci::recipe {
namespace {

/// With tests/support/abra in abra's place, which deploys to the Swarm as abra does.
class AbraSwarmTest : public RecipeSwarmTest {
protected:
    void SetUp() override {
        RecipeSwarmTest::SetUp();
        if (IsSkipped()) {
            return;
        }
        job_.config.platform = run::PlatformKind::abra;
        job_.config.abra_command = CCCI_SOURCE_DIR "/tests/support/abra";
        job_.stages = naming::parse_stages("install,upgrade");
        source_.emplace(dir_.path() / "source");
        fs::copy(CCCI_SOURCE_DIR "/tests/recipes/guestbook", source_->path(),
                 fs::copy_options::recursive);
        source_->write("tests/install/tells-the-secret",
                       "#!/bin/sh\nset -eu\nid=$(docker ps --quiet --filter "
                       "label=com.docker.swarm.service.name=${CCCI_STACK}_app)\n"
                       "docker exec \"$id\" cat /run/secrets/db_password "
                       ">\"$CCCI_RUN_DIR/told\"\n",
                       0755);
        source_->commit("README.md", "one");
        source_->git({"tag", "1.0.0+1.0.0"});
    }

    void ask_for_head(const std::string& domain) {
        ask_for("guestbook", domain);
        job_.source = source_->path();
        job_.ref = "main";
    }
    std::string abra_label(const std::string& name) {
        engine::Client engine{job_.config.docker_socket};
        const std::string stack = run::stack_name(job_.domain);
        return engine.get("/services/" + stack + "_app")
            .value()
            .at("Spec")
            .at("Labels")
            .value(fmt::format("coop-cloud.{}.{}", stack, name), "none");
    }

    std::optional<test::GitRepository> source_;
};

// Case 49: it is the run's tree that abra deploys, and the canonical env file that it reads. With a
// lock of several hosts both have one compose file more.
TEST_F(AbraSwarmTest, DeploysAndUpgradesAndTearsDown) {
    std::string text = base::try_read_file(source_->path() / "compose.yml").value_or("");
    text = base::replace_all(text, "version=1.0.0+1.0.0", "version=1.1.0+1.0.0");
    text = base::replace_all(text, "- DB_HOST=db", "- DB_HOST=db\n      - RELEASE=2");
    source_->commit("compose.yml", text);
    ask_for_head("gues-aab000.ci.localhost");
    hold_at(12);

    ASSERT_EQ(run(), 0) << log_;

    EXPECT_NE(log_.find("with abra 0.13.0-beta\n"), std::string::npos) << log_;
    EXPECT_NE(log_.find("generated 1 secret\n"), std::string::npos) << log_;
    const std::string commit = results()["commit"].get<std::string>().substr(0, 8);
    EXPECT_NE(log_.find("abra has deployed guestbook at gues-aab000.ci.localhost, chaos "
                        "version " +
                        commit + "\n"),
              std::string::npos)
        << log_;
    EXPECT_EQ(results()["base"], "1.0.0+1.0.0");
    EXPECT_EQ(results()["deploys"], 2);
    EXPECT_EQ(abra_label("chaos-version"), commit + "+U");  // for the file that has the labels
    EXPECT_EQ(log_.find("chaos-version"), std::string::npos) << "no change of the recipe's\n"
                                                             << log_;
    EXPECT_EQ(abra_label("version"), "1.1.0+1.0.0");
    const std::string secret = base::try_read_file(job_.run_dir / "told").value_or("");
    EXPECT_EQ(secret.size(), 40U);
    EXPECT_EQ(log_.find(secret), std::string::npos);
    EXPECT_EQ(results().dump().find(secret), std::string::npos);

    // The secret is abra's own.
    EXPECT_EQ(labelled(12),
              "service 2 of 2\nnetwork 1 of 1\nvolume 1 of 1\nconfig 3 of 3\nsecret 0 of 1\n");

    const platform::TeardownReport report = tear_down();
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(report.removed.at("secret"), 1);
    EXPECT_EQ(report.removed.at("env file"), 1);
}

TEST_F(AbraSwarmTest, WhatAbraRefusesIsTheRecipesFault) {
    source_->write(".env.sample",
                   base::try_read_file(source_->path() / ".env.sample").value_or("") +
                       "SECRET_SMTP_PASSWORD_VERSION=v1 # generate=false\n");
    source_->commit("README.md", "two");
    ask_for_head("gues-aad000.ci.localhost");
    job_.stages = naming::parse_stages("install");

    ASSERT_EQ(run(), 1) << log_;

    EXPECT_EQ(results()["tiers"][1]["message"],
              "deploy: FATA secret not inserted (#generate=false): smtp_password");
    EXPECT_TRUE(tear_down().clean());
}

/// With what abra looks for when it is asked for a backup.
class AbraBackupSwarmTest : public AbraSwarmTest {
protected:
    void SetUp() override {
        AbraSwarmTest::SetUp();
        if (IsSkipped()) {
            return;
        }
        job_.config.abra_backups = true;
        job_.stages = naming::parse_stages("restore");
        docker({"service", "create", "--detach", "--replicas", "0", "--name", "backupbot",
                "--label", "coop-cloud.backupbot.enabled=true", "ccci-test/web:1"});
    }
    void TearDown() override {
        AbraSwarmTest::TearDown();
        if (!IsSkipped()) {
            docker({"service", "rm", "backupbot"});
            docker({"volume", "rm", "--force", "backupbot_backups"});
        }
    }

    static std::string docker(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "docker");
        const base::Output output = base::run_and_capture({.argv = arguments});
        EXPECT_TRUE(output.status.success()) << base::join(arguments, " ") << ": " << output.text;
        return output.text;
    }
    json tier(const std::string& name) {
        const json all = results();
        for (const json& each : all.at("tiers")) {
            if (each.at("tier") == name) {
                return each;
            }
        }
        return {};
    }
    bool log_has(const std::string& text) const { return log_.find(text) != std::string::npos; }
};

/// The recipe's tests see the data; its hooks are run once, by whom the labels are for.
TEST_F(AbraBackupSwarmTest, BringsBackWhatWasLost) {
    ask_for_head("gues-aaf000.ci.localhost");

    ASSERT_EQ(run(), 0) << log_;

    EXPECT_TRUE(log_has("INFO backupbot.backup.pre-hook of gues-aaf000_ci_localhost_db\n")) << log_;
    EXPECT_TRUE(log_has("abra had volume data of db backed up in ")) << log_;
    EXPECT_TRUE(log_has("INFO backupbot.restore.post-hook of gues-aaf000_ci_localhost_db\n"))
        << log_;
    EXPECT_FALSE(log_has("db: backupbot")) << "a hook that cc-ci has run as well\n" << log_;
    EXPECT_EQ(tier("backup")["result"], "pass");
    EXPECT_EQ(tier("restore")["result"], "pass");
    EXPECT_FALSE(fs::exists(job_.run_dir / "backup"));
    EXPECT_TRUE(tear_down().clean());
    const std::string repository =
        docker({"volume", "inspect", "--format", "{{.Mountpoint}}", "backupbot_backups"});
    EXPECT_TRUE(fs::exists(fs::path{base::trim(repository)} / "gues-aaf000_ci_localhost"))
        << "said to stay";
}

/// abra says nothing of it, and neither does the recipe.
TEST_F(AbraBackupSwarmTest, FailsWhenNothingComesBack) {
    const fs::path wrapper = dir_.path() / "abra-without-restore";
    std::ofstream{wrapper} << "#!/bin/sh\n[ \"$2\" != restore ] || exit 0\nexec "
                           << job_.config.abra_command << " \"$@\"\n";
    fs::permissions(wrapper, fs::perms::owner_all);
    job_.config.abra_command = wrapper;
    fs::remove_all(source_->path() / "tests/restore");
    source_->commit("README.md", "two");
    ask_for_head("gues-aag000.ci.localhost");

    ASSERT_EQ(run(), 1) << log_;

    EXPECT_EQ(tier("backup")["result"], "pass");
    EXPECT_EQ(tier("restore")["message"],
              "the restore brought back nothing of volume data of db: a file that was there when "
              "the backup was made is missing now; either backupbot did not put it back, or a hook "
              "or the app has removed it since");
}

/// What would be deployed then is not what is tested.
TEST_F(AbraSwarmTest, AnAbraThatMovesTheTreeEndsTheRun) {
    const fs::path wrapper = dir_.path() / "abra-without-chaos";
    std::ofstream{wrapper} << "#!/bin/bash\n[ \"$2\" != secret ] || set -- \"${@/-C/-n}\"\nexec "
                           << job_.config.abra_command << " \"$@\"\n";
    fs::permissions(wrapper, fs::perms::owner_all);
    job_.config.abra_command = wrapper;
    job_.stages = naming::parse_stages("install");
    source_->commit("README.md", "two");
    ask_for_head("gues-aae000.ci.localhost");

    EXPECT_THROW((void)run(), std::runtime_error);

    EXPECT_EQ(results()["error"], "abra app secret generate has checked out another version")
        << log_;
}

}  // namespace
}  // namespace ccci::recipe
