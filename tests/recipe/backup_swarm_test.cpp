#include <fstream>
#include <optional>

#include "base/text.hpp"
#include "recipe/git_repository.hpp"
#include "recipe/kept_backup.hpp"
#include "recipe/recipe_swarm_fixture.hpp"

namespace ccci::recipe {
namespace {

/// How a tier ended, and what it said: "skip: the recipe declares no backup".
std::string ending(const json& results, const char* tier) {
    for (const json& each : results.at("tiers")) {
        if (each.at("tier") == tier) {
            const json& message = each.at("message");
            return each.at("result").get<std::string>() +
                   (message.is_string() ? ": " + message.get<std::string>() : "");
        }
    }
    return "no such tier";
}

class BackupSwarmTest : public RecipeSwarmTest {
protected:
    bool log_has(const std::string& text) const { return log_.find(text) != std::string::npos; }
    [[nodiscard]] std::vector<std::string> remove() const {
        return remove_backup(job_.config, job_.run_dir, job_.environment, std::chrono::seconds{30});
    }
};

TEST_F(BackupSwarmTest, BringsBackWhatWasLost) {
    ask_for("guestbook", "gues-b00001.ci.localhost");

    ASSERT_EQ(run(), 0) << log_;

    EXPECT_TRUE(log_has("db: backupbot.backup.pre-hook done in ")) << log_;
    EXPECT_TRUE(log_has("backed up volume data of db (entries: 3) in ")) << log_;
    EXPECT_TRUE(log_has("db: backupbot.restore.post-hook done in ")) << log_;
    EXPECT_EQ(ending(results(), "backup"), "pass");
    EXPECT_EQ(ending(results(), "restore"), "pass");
    EXPECT_EQ(note(), "level 5 of 5, deploys 1\n");
    EXPECT_TRUE(fs::exists(job_.run_dir / "backup"));
    EXPECT_TRUE(remove().empty());
    EXPECT_FALSE(fs::exists(job_.run_dir / "backup"));
}

/// The way of most recipes with a database: a dump in a file, which the hooks make and use up.
TEST_F(BackupSwarmTest, KeepsADumpInTheResticRepository) {
    const test::GitRepository source{dir_.path() / "source"};
    fs::copy(CCCI_SOURCE_DIR "/tests/recipes/guestbook", source.path(),
             fs::copy_options::recursive);
    std::string compose = base::try_read_file(source.path() / "compose.yml").value_or("");
    compose = base::replace_all(compose, "        - \"backupbot.backup.post-hook",
                                "        - \"backupbot.backup.volumes.data.path=entries.dump\"\n"
                                "        - \"backupbot.backup.post-hook");
    source.commit("compose.yml", compose);
    std::ofstream{dir_.path() / "password"} << "secret\n";
    job_.config.restic_repository = dir_.path() / "repository";
    job_.config.restic_password_file = dir_.path() / "password";
    std::vector<std::string> environment = job_.environment;
    base::set_variable(environment, "RESTIC_REPOSITORY", job_.config.restic_repository);
    base::set_variable(environment, "RESTIC_PASSWORD_FILE",
                       job_.config.restic_password_file.native());
    const auto restic = [&](const char* command) {
        return base::run_and_capture(
                   {.argv = {"restic", "--no-cache", command}, .environment = environment})
            .text;
    };
    (void)restic("init");
    ask_for("guestbook", "gues-b00002.ci.localhost");
    job_.source = source.path();
    job_.ref = "main";
    job_.stages = naming::parse_stages("restore");

    ASSERT_EQ(run(), 0) << log_;

    EXPECT_TRUE(log_has("backed up entries.dump in volume data of db (entries: 1) in ")) << log_;
    EXPECT_EQ(ending(results(), "restore"), "pass");
    EXPECT_NE(restic("snapshots").find("cc-ci-run=7"), std::string::npos);
    EXPECT_TRUE(remove().empty());
    EXPECT_EQ(restic("snapshots").find("cc-ci-run=7"), std::string::npos);
}

TEST_F(BackupSwarmTest, TellsWhatForgetsTheRestoredData) {
    ask_for("forgetful", "forg-b00003.ci.localhost");

    ASSERT_EQ(run(), 1) << log_;

    EXPECT_EQ(ending(results(), "backup"), "pass");
    EXPECT_EQ(ending(results(), "restore"),
              "fail: the restore brought back nothing of volume data of app: a file that was there "
              "when the backup was made is missing now; it was put back before "
              "backupbot.restore.post-hook ran and the app took over, so look there for what "
              "removes it");
    EXPECT_EQ(note(), "level 1 of 5 (restore: failed), deploys 1\n");
}

TEST_F(BackupSwarmTest, RunsThePostHookAfterABackupThatFailed) {
    const test::GitRepository source{dir_.path() / "source"};
    fs::copy(CCCI_SOURCE_DIR "/tests/recipes/forgetful", source.path(),
             fs::copy_options::recursive);
    const std::string compose = base::try_read_file(source.path() / "compose.yml").value_or("");
    source.commit("compose.yml",
                  base::replace_all(compose, "- \"backupbot.backup=true\"",
                                    "- \"backupbot.backup=true\"\n"
                                    "        - \"backupbot.backup.pre-hook=echo going down\"\n"
                                    "        - \"backupbot.backup.post-hook=echo up; exit 3\"\n"
                                    "        - \"backupbot.backup.volumes.data.path=dump.sql\""));
    ask_for("forgetful", "forg-b00004.ci.localhost");
    job_.source = source.path();
    job_.ref = "main";
    job_.stages = naming::parse_stages("backup");

    ASSERT_EQ(run(), 1) << log_;

    EXPECT_EQ(ending(results(), "backup"),
              "fail: dump.sql in volume data of app: there is no such file or directory when the "
              "backup is made, after backupbot.backup.pre-hook");
    EXPECT_TRUE(log_has("going down\n")) << log_;
    EXPECT_TRUE(log_has("up\napp: backupbot.backup.post-hook: exit 3\n")) << log_;
}

}  // namespace
}  // namespace ccci::recipe
