#include <signal.h>

#include <algorithm>

#include "base/text.hpp"
#include "scenarios/scenario.hpp"

// What a human sees in the log of the CI step.

namespace ccci::test {
namespace {

class StepLogTest : public Scenario {
protected:
    void set_heartbeat(const std::string& span) const {
        std::ofstream{config_} << R"({"heartbeat": ")" << span << "\"}";
    }

    [[nodiscard]] std::vector<std::string> configured(std::vector<std::string> argv) const {
        argv.insert(argv.begin() + 1, {"--config", config_});
        return argv;
    }

    std::filesystem::path config_ = dir_.path() / "config.json";
};

TEST_F(StepLogTest, SaysWhatIsGoingOnWhenNothingIsPrinted) {
    set_heartbeat("300ms");
    ProcessUnderTest step{configured(run_argv({"--deadline", "5min"}, "echo begun; sleep 1000"))};

    EXPECT_TRUE(step.wait_for("; nothing printed for 3")) << step.output();
    EXPECT_TRUE(step.wait_for("; 4min 5")) << step.output();
    // And again, as the log was silent but for this.
    EXPECT_TRUE(step.wait_for("cc-ci: still ")) << step.output();
    step.kill(SIGTERM);

    EXPECT_EQ(step.exit_code(), 143) << step.output();
}

TEST_F(StepLogTest, SaysForWhomARunStillWaits) {
    set_heartbeat("300ms");
    ProcessUnderTest first{domain_argv({"--run-id", "41"}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(first.wait_for("job is here"));
    ProcessUnderTest second{configured(domain_argv({"--run-id", "42"}, "true"))};

    EXPECT_TRUE(second.wait_for("cc-ci: still waiting for demo-0a1b2c.ci.localhost: run 41"))
        << second.output();
    first.kill(SIGTERM);

    EXPECT_EQ(first.exit_code(), 143) << first.output();
    EXPECT_EQ(second.exit_code(), 0) << second.output();
}

TEST_F(StepLogTest, IsSilentWithAJobWhenNobodyWantsToKnow) {
    set_heartbeat("0");
    ProcessUnderTest step{configured(run_argv({}, "sleep 1"))};

    EXPECT_EQ(step.exit_code(), 0);
    EXPECT_EQ(step.output().find("still"), std::string::npos) << step.output();
}

TEST_F(StepLogTest, BeginsItsLinesAtTheStartOfALine) {
    ProcessUnderTest step{run_argv({}, "printf 'no end of line'; exit 3")};

    EXPECT_EQ(step.exit_code(), 3);
    const std::vector<std::string> lines = base::split(step.output(), '\n');
    EXPECT_NE(std::find(lines.begin(), lines.end(), "no end of line"), lines.end())
        << step.output();
}

TEST_F(StepLogTest, HasColoursOnATerminalOnly) {
    const std::string command = CCCI_PROGRAM " run --manager " + test::manager() + " -- true";
    ProcessUnderTest terminal{{"script", "--quiet", "--return", "--command", command, "/dev/null"},
                              {"TERM=xterm"}};
    ProcessUnderTest unwanted{{"script", "--quiet", "--return", "--command", command, "/dev/null"},
                              {"TERM=xterm", "NO_COLOR=1"}};
    ProcessUnderTest pipe{run_argv({}, "true"), {"TERM=xterm"}};

    EXPECT_EQ(terminal.exit_code(), 0);
    EXPECT_NE(terminal.output().find("\x1b[32mpassed"), std::string::npos) << terminal.output();
    EXPECT_EQ(unwanted.exit_code(), 0);
    EXPECT_NE(unwanted.output().find("cc-ci: passed"), std::string::npos) << unwanted.output();
    EXPECT_EQ(unwanted.output().find('\x1b'), std::string::npos) << unwanted.output();
    EXPECT_EQ(pipe.exit_code(), 0);
    EXPECT_EQ(pipe.output().find('\x1b'), std::string::npos) << pipe.output();
}

}  // namespace
}  // namespace ccci::test
