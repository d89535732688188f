#include "backup/restic.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <stdexcept>

#include "base/files.hpp"
#include "base/process.hpp"
#include "support/readiness.hpp"
#include "support/temp_dir.hpp"

namespace ccci::backup {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

TEST(ResticOutputTest, HasTheIdOfTheSnapshot) {
    EXPECT_EQ(snapshot_id_in("no repository?\n{\"message_type\":\"status\"}\n[]\n{\"message_type\":"
                             "\"summary\",\"snapshot_id\":\"0123abcd\"}\n"),
              "0123abcd");
    EXPECT_EQ(snapshot_id_in("{\"snapshot_id\":\"--help ab\"}\n{\"snapshot_id\":7}"), "");
    EXPECT_EQ(snapshot_id_in(""), "");
}

TEST(ResticOutputTest, HasTheWordsOfAFailure) {
    EXPECT_EQ(words_of("Fatal: wrong password"), "Fatal: wrong password");
    EXPECT_EQ(words_of(R"({"message_type":"exit_error","code":12,"message":"Fatal: no key\nx"})"),
              "Fatal: no key\\x0ax");
    EXPECT_EQ(words_of(R"({"message_type":"x","message":7})"),
              R"({"message_type":"x","message":7})");
}

TEST(ResticOutputTest, KnowsAnId) {
    EXPECT_TRUE(is_snapshot_id(std::string(64, 'a')));
    EXPECT_FALSE(is_snapshot_id(std::string(65, 'a')));
    EXPECT_FALSE(is_snapshot_id("latest12"));
    EXPECT_FALSE(is_snapshot_id("-0123456"));
}

/// A real repository in a directory.
class ResticTest : public testing::Test {
protected:
    void SetUp() override {
        if (!base::find_program(
                "restic", base::find_variable(base::own_environment(), "PATH").value_or(""))) {
            GTEST_SKIP() << "needs restic";
        }
        std::ofstream{password_} << "correct horse\n";
        fs::create_directory(files_);
        std::ofstream{files_ / "1.tar"} << "one";
        std::ofstream{files_ / "2.tar"} << "two";
        ASSERT_EQ(restic({"init"}).status.code, 0);
    }
    base::Output restic(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"restic", "--no-cache"});
        std::vector<std::string> environment = base::own_environment();
        base::set_variable(environment, "RESTIC_REPOSITORY", repository_.native());
        base::set_variable(environment, "RESTIC_PASSWORD_FILE", password_.native());
        return base::run_and_capture({.argv = arguments, .environment = environment});
    }
    /// A whole one: it is written under another name first.
    [[nodiscard]] bool has_lock() const {
        for (const fs::directory_entry& entry : fs::directory_iterator{repository_ / "locks"}) {
            if (entry.path().filename().native().size() == 64) {
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] Restic ours(const fs::path& password) const {
        return {repository_,
                password,
                {"PATH=" + base::find_variable(base::own_environment(), "PATH").value_or(""),
                 "RESTIC_PASSWORD=wrong", "RESTIC_PASSWORD_COMMAND=false", "RESTIC_REPOSITORY=/x"}};
    }

    test::TempDir dir_;
    fs::path repository_ = dir_.path() / "repository";
    fs::path password_ = dir_.path() / "password";
    fs::path files_ = dir_.path() / "files";
};

TEST_F(ResticTest, KeepsTheFilesAndForgetsThem) {
    Restic repository = ours(password_);

    const std::string id = repository.save(files_, "7");
    repository.check(id, files_);
    const std::string listed = restic({"snapshots", "--json", "--tag", "cc-ci-run=7"}).text;
    EXPECT_NE(listed.find("\"cc-ci\""), std::string::npos) << listed;
    fs::remove_all(files_);
    repository.fetch(id, files_);

    EXPECT_EQ(base::try_read_file(files_ / "1.tar"), "one");
    EXPECT_EQ(base::try_read_file(files_ / "2.tar"), "two");
    repository.forget(id, 30s);
    EXPECT_EQ(restic({"snapshots", "--json"}).text, "[]\n");
}

TEST_F(ResticTest, SeesWhatASnapshotLacks) {
    Restic repository = ours(password_);
    const std::string id = repository.save(files_, "7");
    std::ofstream{files_ / "2.tar"} << "more than two";

    try {
        repository.check(id, files_);
        ADD_FAILURE();
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(std::string{error.what()}, "restic ls: snapshot " + id + " lacks /2.tar");
    }
}

TEST_F(ResticTest, GetsOverTheLockOfOneThatWasKilled) {
    Restic repository = ours(password_);
    const std::string id = repository.save(files_, "7");
    auto [unread, write] = base::make_pipe();
    std::vector<std::string> environment = base::own_environment();
    base::set_variable(environment, "RESTIC_REPOSITORY", repository_.native());
    base::set_variable(environment, "RESTIC_PASSWORD_FILE", password_.native());
    auto started = base::spawn({.argv = {"restic", "--no-cache", "backup", "--stdin"},
                                .environment = environment,
                                .in = unread.get(),
                                .death_signal = SIGKILL});
    auto& killed = std::get<base::Child>(started);
    ASSERT_TRUE(test::eventually([&] { return has_lock(); }));
    killed.kill(SIGKILL);
    (void)killed.wait();

    EXPECT_NO_THROW(repository.forget(id, 30s));

    EXPECT_EQ(restic({"snapshots", "--json"}).text, "[]\n");
}

TEST_F(ResticTest, SaysWhyItFailed) {
    std::ofstream{dir_.path() / "other"} << "battery staple\n";

    try {
        (void)ours(dir_.path() / "other").save(files_, "7");
        ADD_FAILURE();
    } catch (const std::runtime_error& error) {
        const std::string text = error.what();
        EXPECT_TRUE(text.starts_with("restic backup: ")) << text;
        EXPECT_NE(text.find("wrong password"), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace ccci::backup
