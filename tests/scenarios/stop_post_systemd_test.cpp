#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>

#include <chrono>

#include "scenarios/systemd_scenario.hpp"

// What ExecStopPost does for a harness that cannot, and what is known when it is killed, too.

namespace ccci::test {
namespace {

using namespace std::chrono_literals;

// Case 34.
TEST_F(SystemdTest, KillsAWedgedTeardownAndTriesOnceMore) {
    ProcessUnderTest step{run_argv({"--domain", k_domain, "--teardown-budget", "2s", "--teardown",
                                    "echo try >>$MARKS/tries; trap '' TERM; sleep 1000"},
                                   "true")};

    EXPECT_EQ(step.exit_code(), 123) << step.output();
    EXPECT_EQ(read_mark("tries"), "try\ntry\n");
    EXPECT_TRUE(becomes_lock_free());
    EXPECT_TRUE(has_lock_file()) << "the mark of what the janitor has to look at";
    EXPECT_EQ(shell("pgrep -fc '[s]leep 1000' || true"), "0");
}

// Case 32. Nobody is left who could tear down, so nobody may call it clean.
TEST_F(SystemdTest, SaysThatNothingWasTornDownWhenExecStopPostIsKilledToo) {
    ProcessUnderTest step{run_argv({"--domain", k_domain, "--run-id", "32", "--teardown",
                                    "echo tearing down; exec sleep 1000"},
                                   "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));
    ASSERT_EQ(::kill(record("32")->harness->pid, SIGKILL), 0);
    ASSERT_TRUE(step.wait_for("tearing down")) << step.output();

    kill_stop_post("cc-ci-run-32.service");

    EXPECT_EQ(step.exit_code(), 137) << step.output();
    EXPECT_NE(step.output().find("ExecStopPost was killed, too"), std::string::npos)
        << step.output();
    EXPECT_NE(last_line(step.output()).find("killed: "), std::string::npos) << step.output();
    EXPECT_NE(last_line(step.output()).find("TEARDOWN INCOMPLETE"), std::string::npos)
        << step.output();
    EXPECT_EQ(record("32")->state, run::State::ended);
    EXPECT_EQ(record("32")->clean, false);
    EXPECT_FALSE(run::RunDir::open(runs_ / "32").read_request()) << "secrets are left";
    EXPECT_TRUE(becomes_lock_free());
    EXPECT_TRUE(has_lock_file()) << "the mark of what the next run has to remove";

    ProcessUnderTest next{domain_argv({}, "test -e $MARKS/torn-down")};
    EXPECT_EQ(next.exit_code(), 0) << next.output();
    EXPECT_NE(next.output().find("clean slate"), std::string::npos) << next.output();
}

// Case 32.
TEST_F(SystemdTest, DecidesForAHarnessAndAnExecStopPostThatDiedWithoutAWord) {
    ProcessUnderTest step{
        with_doomed_stop_post(domain_argv({"--run-id", "30"}, "echo job is here; sleep 1000"))};
    ASSERT_TRUE(step.wait_for("job is here"));

    kill_before_a_word("30");

    EXPECT_EQ(step.exit_code(), 137) << step.output();
    EXPECT_NE(last_line(step.output()).find("the harness and its ExecStopPost were killed"),
              std::string::npos)
        << step.output();
    EXPECT_NE(last_line(step.output()).find("TEARDOWN INCOMPLETE"), std::string::npos)
        << step.output();
    EXPECT_FALSE(has_mark("torn-down"));
    EXPECT_EQ(record("30")->clean, false);
    EXPECT_TRUE(has_lock_file());

    ProcessUnderTest next{
        with_doomed_stop_post(run_argv({}, "echo nothing was deployed; sleep 1000"))};
    ASSERT_TRUE(next.wait_for("nothing was deployed"));
    kill_before_a_word(fmt::format("manual-{}", next.pid()));
    EXPECT_EQ(next.exit_code(), 137) << next.output();
    EXPECT_EQ(last_line(next.output()).find("TEARDOWN"), std::string::npos) << next.output();
}

// Case 32. The harness could speak, but what it left is there for good.
TEST_F(SystemdTest, EndsTheRecordWhenTheSecondTeardownIsKilled) {
    ProcessUnderTest step{
        run_argv({"--domain", k_domain, "--run-id", "31", "--teardown",
                  "test -e $MARKS/once || { touch $MARKS/once; exit 1; }; echo once more; "
                  "exec sleep 1000"},
                 "exit 7")};
    ASSERT_TRUE(step.wait_for("once more")) << step.output();

    kill_stop_post("cc-ci-run-31.service");

    EXPECT_EQ(step.exit_code(), 7) << step.output();
    EXPECT_NE(last_line(step.output()).find("TEARDOWN INCOMPLETE"), std::string::npos)
        << step.output();
    EXPECT_EQ(record("31")->state, run::State::ended);
    EXPECT_EQ(record("31")->verdict->exit_code, 7);
    EXPECT_EQ(record("31")->clean, false);
    EXPECT_FALSE(run::RunDir::open(runs_ / "31").read_request()) << "secrets are left";
    EXPECT_TRUE(has_lock_file());
}

TEST_F(SystemdTest, PassesWhenTheSecondTeardownLeavesNothing) {
    ProcessUnderTest step{run_argv({"--domain", k_domain, "--teardown",
                                    "test -e $MARKS/once || { touch $MARKS/once; exit 1; }"},
                                   "true")};

    EXPECT_EQ(step.exit_code(), 0) << step.output();
    EXPECT_FALSE(has_lock_file());
}

// Case 25.
TEST_F(SystemdTest, FollowsItsTeardownWhenTheRunnerIsStopped) {
    // systemctl stop sends TERM to every process of the runner at once, shells and steps included.
    ASSERT_EQ(shell(fmt::format(
                  "systemd-run --quiet --unit fake-runner --setenv CCCI_RUNS_DIR={} "
                  "--setenv CCCI_APP_LOCK_DIR={} --setenv MARKS={} -- sh -c \"{} run --run-id 33 "
                  "--domain {} --teardown 'touch \\$MARKS/torn-down' -- sh -c "
                  "'touch \\$MARKS/job; sleep 1000'; true\" && echo started",
                  runs_.native(), locks_.native(), marks_.native(), CCCI_PROGRAM, k_domain)),
              "started");
    ASSERT_EQ(shell(fmt::format("timeout 20 sh -c 'until [ -e {}/job ]; do sleep 0.02; done' && "
                                "echo running",
                                marks_.native())),
              "running");

    EXPECT_EQ(shell("systemctl stop fake-runner; echo stopped"), "stopped");

    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_TRUE(becomes_lock_free());
    EXPECT_EQ(record("33")->verdict->kind, run::VerdictKind::cancelled);
}

}  // namespace
}  // namespace ccci::test
