#include <fmt/format.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "scenarios/systemd_scenario.hpp"

// What a run leaves in the journal.

namespace ccci::test {
namespace {

TEST_F(SystemdTest, TellsItsStoryThroughTheJournalsFields) {
    ProcessUnderTest step{domain_argv({"--run-id", "41"}, "echo what the job said; exit 2")};
    ASSERT_EQ(step.exit_code(), 2);

    (void)shell("journalctl --sync");
    const std::string by_domain =
        shell(fmt::format("journalctl -b CC_CI_DOMAIN={} -o cat", k_domain));
    EXPECT_NE(by_domain.find("what the job said"), std::string::npos) << by_domain;
    const auto ended =
        nlohmann::json::parse(shell("journalctl -b CC_CI_RUN=41 CC_CI_EVENT=ended -o json"));
    EXPECT_EQ(ended.at("CC_CI_VERDICT"), "failed");
}

/// The one entry about the end of a run, for programs.
class EndEntryTest : public SystemdTest {
protected:
    static void expect_one(const std::string& run, const std::string& verdict,
                           const std::string& domain = k_domain) {
        (void)shell("journalctl --sync");
        const std::string text =
            shell(fmt::format("journalctl -b CC_CI_EVENT=ended CC_CI_RUN={} -o json", run));
        ASSERT_NE(text, "") << "no entry";
        ASSERT_EQ(text.find('\n'), std::string::npos) << "more than one: " << text;
        const auto entry = nlohmann::json::parse(text);
        EXPECT_EQ(entry.at("CC_CI_VERDICT"), verdict);
        EXPECT_EQ(entry.at("CC_CI_RUN"), run);
        EXPECT_EQ(entry.value("CC_CI_DOMAIN", ""), domain);
        EXPECT_EQ(
            entry.at("MESSAGE").get<std::string>().find(fmt::format("run {} {}", run, verdict)),
            0U);
    }

    void kill_harness(const std::string& run) const {
        ASSERT_EQ(::kill(record(run)->harness->pid, SIGKILL), 0);
    }
};

TEST_F(EndEntryTest, IsThereForAGreenRun) {
    // Whether the journal still finds the writer is a race, most of all when it has written nothing
    // else.
    for (int round = 0; round < 40; ++round) {
        const std::string id = fmt::format("61-{}", round);
        ProcessUnderTest step{
            run_argv({"--domain", k_domain, "--run-id", id, "--teardown", "true"}, "true")};
        ASSERT_EQ(step.exit_code(), 0) << step.output();
        expect_one(id, "passed");
    }
}

TEST_F(EndEntryTest, IsExecStopPostsForAKilledHarness) {
    // The second one has nothing to tear down: its ExecStopPost is over in no time.
    ProcessUnderTest step{domain_argv({"--run-id", "62"}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));
    kill_harness("62");
    EXPECT_EQ(step.exit_code(), 137) << step.output();
    expect_one("62", "killed");

    ProcessUnderTest bare{run_argv({"--run-id", "63"}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(bare.wait_for("job is here"));
    kill_harness("63");
    EXPECT_EQ(bare.exit_code(), 137) << bare.output();
    expect_one("63", "killed", "");
}

TEST_F(EndEntryTest, IsTheStepsWhenBothAreKilled) {
    ProcessUnderTest silent{
        with_doomed_stop_post(domain_argv({"--run-id", "64"}, "echo job is here; sleep 1000"))};
    ASSERT_TRUE(silent.wait_for("job is here"));
    kill_before_a_word("64");
    EXPECT_EQ(silent.exit_code(), 137) << silent.output();
    expect_one("64", "killed");

    // Of another domain: no clean slate.
    const std::string other = "more-0a1b2c.ci.localhost";
    ProcessUnderTest step{run_argv({"--domain", other, "--run-id", "65", "--teardown",
                                    "test -e $MARKS/once || { touch $MARKS/once; exit 1; }; "
                                    "echo once more; exec sleep 1000"},
                                   "true")};
    ASSERT_TRUE(step.wait_for("once more")) << step.output();
    kill_stop_post("cc-ci-run-65.service");
    EXPECT_EQ(step.exit_code(), 123) << step.output();
    expect_one("65", "leftovers", other);
}

TEST_F(EndEntryTest, HasTheVerdictAfterTheSecondTeardown) {
    ProcessUnderTest passes{run_argv({"--domain", k_domain, "--run-id", "66", "--teardown",
                                      "test -e $MARKS/once || { touch $MARKS/once; exit 1; }"},
                                     "true")};
    EXPECT_EQ(passes.exit_code(), 0) << passes.output();
    expect_one("66", "passed");

    ProcessUnderTest leaves{
        run_argv({"--domain", k_domain, "--run-id", "67", "--teardown", "exit 1"}, "true")};
    EXPECT_EQ(leaves.exit_code(), 123) << leaves.output();
    expect_one("67", "leftovers");
}

}  // namespace
}  // namespace ccci::test
