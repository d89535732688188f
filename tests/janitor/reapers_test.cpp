#include "janitor/reapers.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "janitor/pass_json.hpp"
#include "support/process_under_test.hpp"
#include "support/readiness.hpp"
#include "support/temp_dir.hpp"

namespace ccci::janitor {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

TEST(PassJsonTest, IsReadAsItWasWritten) {
    Pass pass;
    pass.problems = {"the platform is down"};
    for (const Act act : {Act::leave, Act::warn, Act::skip, Act::reap, Act::unlink_only,
                          Act::keep_file, Act::probe}) {
        pass.outcomes.push_back({.action = {"a.ci.test", act, "seen"},
                                 .done = act != Act::skip,
                                 .report = "removed 1 service"});
    }

    const Pass read = parse_pass(to_json(pass).dump());

    EXPECT_EQ(read.problems, pass.problems);
    ASSERT_EQ(read.outcomes.size(), pass.outcomes.size());
    for (std::size_t at = 0; at < pass.outcomes.size(); ++at) {
        EXPECT_EQ(read.outcomes[at].action, pass.outcomes[at].action);
        EXPECT_EQ(read.outcomes[at].done, pass.outcomes[at].done);
        EXPECT_EQ(read.outcomes[at].report, pass.outcomes[at].report);
    }
}

TEST(PassJsonTest, IsNotTakenFromAnythingElse) {
    for (const char* text : {"", "{}", "[]", "nothing to do",
                             R"({"problems":[],"candidates":[{"domain":"a","action":"burn",)"
                             R"("evidence":"","report":"","done":true}]})"}) {
        EXPECT_THROW((void)parse_pass(text), std::exception) << text;
    }
}

TEST(ReapersTest, TakeOneThatDiesOrHangsForNotDone) {
    const std::map<std::string, std::string> scripts{
        {"good", R"(echo '{"problems":["one"],"candidates":[{"domain":"good","action":"reap",)"
                 R"("evidence":"seen","report":"gone","done":true}]}')"},
        {"dead", "kill -9 $$"},
        {"hung", "sleep 1000"},
        {"gone", R"(echo '{"problems":[],"candidates":[]}')"}};
    Pass pass;
    std::map<std::string, Outcome> told;

    reap_apart(
        {"good", "dead", "hung", "gone"},
        [&](const std::string& domain) {
            return base::Command{.argv = {"/bin/sh", "-c", scripts.at(domain)}};
        },
        2s, pass, [&](const Outcome& outcome) { told[outcome.action.domain] = outcome; });

    EXPECT_EQ(told.size(), 3U);
    EXPECT_EQ(pass.outcomes.size(), 3U);
    EXPECT_EQ(pass.problems, std::vector<std::string>{"one"});
    EXPECT_TRUE(told.at("good").done);
    EXPECT_EQ(told.at("good").report, "gone");
    EXPECT_FALSE(told.at("dead").done);
    EXPECT_EQ(told.at("dead").report, "its reaper died");
    EXPECT_FALSE(told.at("hung").done);
    EXPECT_EQ(told.at("hung").report, "its reaper hung");
}

/// The program as an operator calls it, with apps that are files.
class JanitorProgramTest : public testing::Test {
protected:
    void SetUp() override {
        for (const char* folder : {"apps", "locks", "runs"}) {
            fs::create_directory(dir_.path() / folder);
        }
        ASSERT_EQ(::mkfifo((dir_.path() / "door").c_str(), 0600), 0);
        write_config("1min");
    }

    /// The teardown of what begins with "hung" waits at the door.
    void write_config(const std::string& budget) const {
        const std::string directory = dir_.path();
        std::ofstream{dir_.path() / "config.json"} << nlohmann::json{
            {"lock_dir", directory + "/locks"},
            {"runs_dir", directory + "/runs"},
            {"state_dir", directory + "/state"},
            {"platform", "command"},
            {"run_app_pattern", R"([a-z0-9]+\.ci\.test)"},
            {"list_command", "ls " + directory + "/apps"},
            {"teardown_command", "case $CCCI_DOMAIN in hung*) read x <" + directory +
                                     "/door;; esac; echo by hand; rm " + directory +
                                     "/apps/$CCCI_DOMAIN"},
            {"teardown_budget", budget}};
    }

    void deploy(const std::string& name) const {
        std::ofstream{dir_.path() / "apps" / (name + ".ci.test")} << "app";
    }

    [[nodiscard]] std::size_t count(const char* folder) const {
        const fs::directory_iterator all{dir_.path() / folder};
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }

    [[nodiscard]] std::vector<std::string> argv(std::vector<std::string> more = {}) const {
        std::vector<std::string> words{CCCI_PROGRAM, "--config", dir_.path() / "config.json",
                                       "janitor"};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }

    test::TempDir dir_;
};

// Breaking it: with k_reapers = 1 the others wait for the first that hangs.
TEST_F(JanitorProgramTest, Case19ReapsTheOthersWhileSomeHang) {
    for (const char* name : {"hung1", "hung2", "hung3", "a", "b", "c", "d", "e", "f"}) {
        deploy(name);
    }

    test::ProcessUnderTest janitor{argv()};

    EXPECT_TRUE(test::eventually([&] { return count("apps") == 3; }));
    // Both ends, so that all three find it open.
    const base::UniqueFd door = base::open_file(dir_.path() / "door", O_RDWR);
    base::write_all(door.get(), "go\ngo\ngo\n", "door");
    EXPECT_EQ(janitor.exit_code(), 0) << janitor.output();
    EXPECT_EQ(count("apps"), 0U);
    EXPECT_EQ(count("locks"), 0U);
}

TEST_F(JanitorProgramTest, Case19SaysInItsExitCodeThatSomeHang) {
    write_config("1s");
    for (const char* name : {"hung1", "hung2", "hung3", "hung4", "hung5", "a"}) {
        deploy(name);
    }

    test::ProcessUnderTest janitor{argv()};

    EXPECT_EQ(janitor.exit_code(), 1) << janitor.output();
    EXPECT_EQ(count("apps"), 5U);
    EXPECT_EQ(count("locks"), 5U) << "they tell that something is left";
    EXPECT_NE(janitor.output().find("hung1.ci.test: reap"), std::string::npos) << janitor.output();
    EXPECT_NE(janitor.output().find("NOT DONE"), std::string::npos) << janitor.output();
}

TEST_F(JanitorProgramTest, PrintsJsonAloneWhateverATeardownPrints) {
    deploy("a");

    test::ProcessUnderTest janitor{argv({"--json"}), {}, true};

    EXPECT_EQ(janitor.exit_code(), 0) << janitor.errors();
    const Pass pass = parse_pass(janitor.output());
    ASSERT_EQ(pass.outcomes.size(), 1U);
    EXPECT_TRUE(pass.is_complete());
    EXPECT_NE(janitor.errors().find("by hand"), std::string::npos) << janitor.errors();
}

TEST_F(JanitorProgramTest, ReapsNothingInADryRun) {
    deploy("a");

    test::ProcessUnderTest janitor{argv({"--dry-run"})};

    EXPECT_EQ(janitor.exit_code(), 0) << janitor.output();
    EXPECT_NE(janitor.output().find("would reap"), std::string::npos) << janitor.output();
    EXPECT_EQ(count("apps"), 1U);
    EXPECT_EQ(count("locks"), 0U);
}

}  // namespace
}  // namespace ccci::janitor
