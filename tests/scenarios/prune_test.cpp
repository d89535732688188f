#include <chrono>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "scenarios/scenario.hpp"

namespace ccci::test {
namespace {

using namespace std::chrono_literals;

class PruneTest : public Scenario {
protected:
    std::string prune(std::vector<std::string> options = {}, int code = 0) const {
        options.insert(options.begin(), {CCCI_PROGRAM, "prune"});
        ProcessUnderTest command{options};
        EXPECT_EQ(command.exit_code(), code) << command.output();
        return command.output();
    }
    void pass(const std::string& id) const {
        ProcessUnderTest step{run_argv({"--run-id", id}, "mkdir $CCCI_RUN_DIR/kept")};
        ASSERT_EQ(step.exit_code(), 0) << step.output();
    }
    [[nodiscard]] bool is_there(const std::string& id) const {
        return std::filesystem::exists(runs_ / id);
    }
};

TEST_F(PruneTest, RemovesWhatIsOldAndNothingElse) {
    pass("1");
    pass("2");
    pass("3");

    EXPECT_EQ(prune(), "removed 0 of 3 past runs\n");
    EXPECT_EQ(prune({"--keep", "2", "--dry-run"}),
              "would remove run 1\nwould remove 1 of 3 past runs\n");
    EXPECT_TRUE(is_there("1"));
    EXPECT_EQ(prune({"--keep", "2"}), "removed 1 of 3 past runs\n");
    EXPECT_FALSE(is_there("1"));
    EXPECT_TRUE(is_there("2"));

    const auto told = nlohmann::json::parse(prune({"--older-than", "1us", "--json"}));
    EXPECT_EQ(told, (nlohmann::json{
                        {"removed", {"2", "3"}}, {"kept", 0}, {"left", nlohmann::json::array()}}));
    EXPECT_FALSE(is_there("2"));
    EXPECT_FALSE(is_there("3"));
}

TEST_F(PruneTest, LeavesARunThatLives) {
    ProcessUnderTest first{domain_argv({"--run-id", "5"}, "echo first is here; sleep 1000")};
    ASSERT_TRUE(first.wait_for("first is here"));
    ProcessUnderTest second{domain_argv({"--run-id", "6"}, "true")};
    ASSERT_TRUE(second.wait_for("waiting for"));

    EXPECT_EQ(prune({"--older-than", "1us"}), "removed 0 of 0 past runs\n");

    first.kill(SIGTERM);
    EXPECT_EQ(first.exit_code(), 143);
    EXPECT_EQ(second.exit_code(), 0);
}

TEST_F(PruneTest, LeavesWhatIsNoRun) {
    pass("7");
    std::filesystem::create_directory(runs_ / "just-being-made");
    std::ofstream{runs_ / "a-file"} << "text";
    std::filesystem::create_directory_symlink(runs_ / "7", runs_ / "8");
    std::filesystem::create_directory(runs_ / "damaged");
    std::ofstream{runs_ / "damaged/run.json"} << "{";

    EXPECT_EQ(prune({"--older-than", "1us"}), "removed 1 of 1 past runs\n");

    for (const char* name : {"just-being-made", "a-file", "damaged"}) {
        EXPECT_TRUE(is_there(name)) << name;
    }
    EXPECT_TRUE(std::filesystem::is_symlink(runs_ / "8"));
}

TEST_F(PruneTest, FollowsNoLinkOutOfARun) {
    pass("9");
    const std::filesystem::path other = dir_.path() / "other";
    std::filesystem::create_directory(other);
    std::ofstream{other / "file"} << "text";
    std::filesystem::create_directory_symlink(other, runs_ / "9/kept/link");
    std::filesystem::create_directory_symlink(other, runs_ / "9/link");

    (void)prune({"--older-than", "1us"});

    EXPECT_FALSE(is_there("9"));
    EXPECT_TRUE(std::filesystem::exists(other / "file"));
}

TEST_F(PruneTest, RefusesWhatIsNoLimit) {
    pass("10");
    for (const auto& options : std::vector<std::vector<std::string>>{
             {"--keep", "0"}, {"--keep", "all"}, {"--keep", "-1"}, {"--older-than", "old"}}) {
        const std::string said = prune(options, 2);
        EXPECT_NE(said.find(options[1]), std::string::npos) << said;
    }
    EXPECT_TRUE(is_there("10"));
}

}  // namespace
}  // namespace ccci::test
