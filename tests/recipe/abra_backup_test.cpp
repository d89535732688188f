#include "recipe/abra_backup.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>

#include "base/files.hpp"
#include "base/process.hpp"
#include "recipe/git_repository.hpp"
#include "recipe/own_backup.hpp"
#include "recipe/recipe_error.hpp"
#include "recipe/recipe_run.hpp"
#include "support/temp_dir.hpp"

namespace ccci::recipe {
namespace {

namespace fs = std::filesystem;

/// A run whose abra notes what it is called with; of the app no volume is asked for.
class AbraBackupTest : public testing::Test {
protected:
    AbraBackupTest() {
        fs::create_directory(dir_.path() / "run");
        job_.recipe = "guestbook";
        job_.domain = "gues-000000.ci.localhost";
        job_.run_id = "7";
        job_.run_dir = dir_.path() / "run";
        job_.environment = base::own_environment();
        job_.config.platform = run::PlatformKind::abra;
        job_.config.abra_command = dir_.path() / "abra";
        job_.config.abra_dir = dir_.path() / "canonical";
        job_.config.abra_backups = true;
    }

    /// `script` is what abra does when it is asked for more than its version.
    RecipeRun make_run_with(const std::string& script) {
        std::ofstream{dir_.path() / "abra"}
            << "#!/bin/sh\n[ \"$1\" != --version ] || { echo abra version 0.13.0-beta; exit; }\n"
            << "echo \"$*\" >>" << (dir_.path() / "calls").native() << "\n"
            << script << "\n";
        EXPECT_EQ(::chmod(job_.config.abra_command.c_str(), 0755), 0);
        RecipeRun run = make_run(job_);
        tree_.emplace(run.tree.recipe(job_.recipe));
        first_ = tree_->commit("compose.yml", "one");
        (void)tree_->commit("compose.yml", "two");
        return run;
    }
    /// What the error of `work` says; "none" without one.
    template <typename Error, typename Work>
    std::string error_of(Work work) {
        testing::internal::CaptureStdout();
        std::string error = "none";
        try {
            work();
        } catch (const Error& caught) {
            error = caught.what();
        }
        log_ = testing::internal::GetCapturedStdout();
        return error;
    }
    std::string calls() { return base::try_read_file(dir_.path() / "calls").value_or(""); }

    test::TempDir dir_;
    JobContext job_;
    std::optional<test::GitRepository> tree_;
    std::string first_;
    std::string log_;
};

TEST_F(AbraBackupTest, IsMadeAndBroughtBackByAbra) {
    RecipeRun run = make_run_with("echo INFO done");
    const std::unique_ptr<AppBackup> backup = run.deployer->new_backup(run, {});

    EXPECT_EQ(error_of<std::exception>([&] { backup->make(run); }), "none");

    EXPECT_EQ(calls(), "app backup create gues-000000.ci.localhost\n");
    EXPECT_NE(log_.find("INFO done\n"), std::string::npos) << log_;
    EXPECT_NE(log_.find("it stays in backupbot's repository: abra has no command that removes it"),
              std::string::npos)
        << log_;
    EXPECT_NE(log_.find("remark: nothing of it can have a marker"), std::string::npos) << log_;
    EXPECT_EQ(error_of<std::exception>([&] { backup->restore(run); }), "none");
    EXPECT_EQ(calls(),
              "app backup create gues-000000.ci.localhost\n"
              "app restore gues-000000.ci.localhost\n");
    EXPECT_FALSE(fs::exists(run.tree.backup()));
}

TEST(SurvivesHooksTest, IsSoForWholeVolumesAndWhereNoHookMakesOrUsesUp) {
    const backup::Part whole{.service = "db", .volume = "data", .path = {}};
    const backup::Part dump{.service = "db", .volume = "data", .path = "dump"};
    const auto plan = [](const backup::Hooks& backup, const backup::Hooks& restore) {
        return backup::ServicePlan{
            .service = "db", .parts = {}, .backup = backup, .restore = restore};
    };

    EXPECT_TRUE(survives_hooks(plan({"dump", "rm"}, {"stop", "import"}), whole));
    EXPECT_TRUE(survives_hooks(plan({}, {}), dump));
    EXPECT_TRUE(survives_hooks(plan({.before = {}, .after = "up"}, {"stop", {}}), dump));
    EXPECT_FALSE(survives_hooks(plan({"dump", {}}, {}), dump));
    EXPECT_FALSE(survives_hooks(plan({}, {.before = {}, .after = "import"}), dump));
}

TEST_F(AbraBackupTest, IsOurOwnUnlessItIsAskedFor) {
    job_.config.abra_backups = false;
    RecipeRun run = make_run_with("exit 1");

    const std::unique_ptr<AppBackup> backup = run.deployer->new_backup(run, {});

    EXPECT_NE(dynamic_cast<OwnBackup*>(backup.get()), nullptr);
    EXPECT_TRUE(fs::exists(run.tree.backup()));
    EXPECT_EQ(calls(), "");
}

TEST_F(AbraBackupTest, FailsWithTheWordsOfAbra) {
    RecipeRun run = make_run_with("echo FATA no backupbot discovered, is it deployed? >&2; exit 1");
    const std::unique_ptr<AppBackup> backup = run.deployer->new_backup(run, {});

    EXPECT_EQ(error_of<RecipeError>([&] { backup->make(run); }),
              "abra app backup create: FATA no backupbot discovered, is it deployed?");
    EXPECT_EQ(error_of<RecipeError>([&] { backup->restore(run); }),
              "abra app restore: FATA no backupbot discovered, is it deployed?");
}

/// The tiers that follow look at the tree.
TEST_F(AbraBackupTest, EndsTheRunWhenAbraHasMovedTheTree) {
    RecipeRun run = make_run_with("cd \"$ABRA_DIR/recipes/guestbook\" && git checkout -q HEAD~1");
    const std::unique_ptr<AppBackup> backup = run.deployer->new_backup(run, {});

    EXPECT_EQ(error_of<std::runtime_error>([&] { backup->make(run); }),
              "abra app backup create has checked out another version");
    EXPECT_EQ(tree_->git({"rev-parse", "HEAD"}), first_);
}

}  // namespace
}  // namespace ccci::recipe
