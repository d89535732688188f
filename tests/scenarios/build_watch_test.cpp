#include <signal.h>

#include <atomic>
#include <mutex>

#include "scenarios/scenario.hpp"
#include "support/loopback_server.hpp"

// A cancel that Drone's runner never hears of.

namespace ccci::test {
namespace {

class BuildWatchTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        std::ofstream{dir_.path() / "token"} << "of-the-bot\n";
        std::ofstream{config_} << R"({"drone_server": ")" << drone_.url()
                               << R"(", "drone_poll": "100ms", "drone_token_file": ")"
                               << (dir_.path() / "token").native() << "\"}";
    }

    std::string answer(const std::string& head) {
        const std::lock_guard lock{mutex_};
        head_ = head;
        ++asked_;
        return asked_ <= troubles_ ? LoopbackServer::answer("502 Bad Gateway", "<html>")
                                   : LoopbackServer::answer(status_, body_);
    }

    void drone_says(const std::string& status, const std::string& body) {
        const std::lock_guard lock{mutex_};
        status_ = status;
        body_ = body;
    }

    [[nodiscard]] std::vector<std::string> watched(const std::string& script) const {
        std::vector<std::string> argv = domain_argv({}, script);
        argv.insert(argv.begin() + 1, {"--config", config_});
        return argv;
    }

    /// A number for each test: what a unit was called, systemd forgets a moment later.
    static std::vector<std::string> environment(const std::string& build) {
        return {"DRONE_REPO=ops/recipes", "DRONE_BUILD_NUMBER=" + build};
    }

    static constexpr const char* k_killed = R"({"number": 4101, "status": "killed", "stages": []})";

    std::filesystem::path config_ = dir_.path() / "config.json";
    std::mutex mutex_;
    std::string status_ = "200 OK";
    std::string body_ = R"({"number": 4101, "status": "running"})";
    std::string head_;
    int asked_ = 0;
    int troubles_ = 0;
    LoopbackServer drone_{[this](const std::string& head) { return answer(head); }};
};

TEST_F(BuildWatchTest, EndsTheRunWhoseBuildWasKilled) {
    ProcessUnderTest step{watched("echo job is here; sleep 1000"), environment("4101")};
    ASSERT_TRUE(step.wait_for("job is here")) << step.output();

    drone_says("200 OK", k_killed);

    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_NE(step.output().find("cc-ci: cancelled: Drone has killed build 4101"),
              std::string::npos)
        << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_TRUE(becomes_lock_free());
    const std::lock_guard lock{mutex_};
    EXPECT_EQ(LoopbackServer::target(head_), "/api/repos/ops/recipes/builds/4101");
    EXPECT_NE(head_.find("Authorization: Bearer of-the-bot\r\n"), std::string::npos) << head_;
}

TEST_F(BuildWatchTest, EndsARunThatWaits) {
    ProcessUnderTest holder{
        domain_argv({"--run-id", "4102-holder"}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(holder.wait_for("job is here"));
    ProcessUnderTest step{watched("true"), environment("4102")};
    ASSERT_TRUE(step.wait_for("waiting for")) << step.output();

    drone_says("200 OK", k_killed);

    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_NE(step.output().find("cancelled: Drone has killed build 4102"), std::string::npos)
        << step.output();
    holder.kill(SIGTERM);
    EXPECT_EQ(holder.exit_code(), 143);
}

TEST_F(BuildWatchTest, AsksOnWhenDroneIsAway) {
    troubles_ = 3;
    drone_says("200 OK", k_killed);

    ProcessUnderTest step{watched("sleep 1000"), environment("4103")};

    EXPECT_EQ(step.exit_code(), 143) << step.output();
    const std::lock_guard lock{mutex_};
    EXPECT_GT(asked_, 3);
}

TEST_F(BuildWatchTest, SaysOnceThatItMayNotAsk) {
    drone_says("403 Forbidden", R"({"message": "Forbidden"})");
    const std::string line =
        "Drone does not tell about build 4104 of ops/recipes: HTTP 403; a cancel that Drone loses "
        "ends this run only at its deadline";

    ProcessUnderTest step{watched("until test -e $MARKS/go-on; do sleep 0.1; done"),
                          environment("4104")};
    EXPECT_TRUE(step.wait_for(line)) << step.output();
    std::ofstream{marks_ / "go-on"} << "";

    EXPECT_EQ(step.exit_code(), 0) << step.output();
    const std::lock_guard lock{mutex_};
    EXPECT_EQ(asked_, 1);
}

TEST_F(BuildWatchTest, SaysThatNobodyWatchesABuild) {
    ProcessUnderTest of_drone{domain_argv({}, "true"), environment("4105")};
    ProcessUnderTest by_hand{run_argv({}, "true")};

    EXPECT_EQ(of_drone.exit_code(), 0) << of_drone.output();
    EXPECT_NE(of_drone.output().find("no drone_token_file is configured"), std::string::npos)
        << of_drone.output();
    EXPECT_EQ(by_hand.exit_code(), 0);
    EXPECT_EQ(by_hand.output().find("drone_server"), std::string::npos) << by_hand.output();
}

TEST_F(BuildWatchTest, SendsTheTokenNowhereElse) {
    ProcessUnderTest step{watched("until test -e $MARKS/go-on; do sleep 0.1; done"),
                          {"DRONE_REPO=../../evil?x=", "DRONE_BUILD_NUMBER=4106"}};
    EXPECT_TRUE(step.wait_for("is no build of Drone")) << step.output();
    std::ofstream{marks_ / "go-on"} << "";

    EXPECT_EQ(step.exit_code(), 0) << step.output();
    const std::lock_guard lock{mutex_};
    EXPECT_EQ(asked_, 0);
}

TEST_F(BuildWatchTest, LeavesNobodyBehind) {
    ProcessUnderTest step{watched("true"), environment("4107")};
    EXPECT_EQ(step.exit_code(), 0) << step.output();

    const auto left = base::run_and_capture({.argv = {"pgrep", "--full", config_.native()}});
    EXPECT_EQ(left.text, "");
}

}  // namespace
}  // namespace ccci::test
