#include <signal.h>
#include <sys/stat.h>

#include "base/text.hpp"
#include "scenarios/run_scenario.hpp"

// What ends a run early, and what is left of it then.

namespace ccci::test {
namespace {

using namespace std::chrono_literals;

TEST_F(RunTest, Case24StopsAtTheDeadline) {
    ProcessUnderTest step{domain_argv({"--deadline", "2s"}, "sleep 1000")};

    EXPECT_EQ(step.exit_code(), 142) << step.output();
    EXPECT_NE(step.output().find("deadline: stopped after 2s"), std::string::npos) << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_TRUE(becomes_lock_free());
}

TEST_F(RunTest, Case25CancelsOnTerm) {
    ProcessUnderTest step{domain_argv({}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));

    step.kill(SIGTERM);

    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_NE(step.output().find("cancelled by SIGTERM"), std::string::npos) << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_TRUE(becomes_lock_free());
}

TEST_F(RunTest, Case35NeverExitsZeroWhenCancelled) {
    ProcessUnderTest step{
        domain_argv({}, "trap 'exit 0' TERM; echo job is here; while :; do sleep 0.05; done")};
    ASSERT_TRUE(step.wait_for("job is here"));

    step.kill(SIGTERM);

    EXPECT_EQ(step.exit_code(), 143) << step.output();
}

TEST_F(RunTest, Case26IgnoresASecondCancelDuringTheTeardown) {
    ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    ProcessUnderTest step{run_argv({"--domain", k_domain, "--run-id", "42", "--teardown",
                                    "echo tearing down; cat $MARKS/go; touch $MARKS/torn-down"},
                                   "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));
    step.kill(SIGTERM);
    ASSERT_TRUE(step.wait_for("tearing down"));

    // cc-ci cancel reaches the harness (or its unit) itself.
    ProcessUnderTest cancel{{CCCI_PROGRAM, "cancel", "42", "--no-wait"}};
    EXPECT_EQ(cancel.exit_code(), 0) << cancel.output();
    EXPECT_FALSE(is_lock_free());
    std::ofstream{marks_ / "go"} << "";

    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_NE(step.output().find("teardown clean"), std::string::npos) << step.output();
}

TEST_F(RunTest, Case26FinishesATeardownThatTheDeadlineFallsInto) {
    // The two seconds are there to be longer than the deadline; nothing waits for them.
    ProcessUnderTest step{run_argv(
        {"--domain", k_domain, "--deadline", "1s", "--teardown", "sleep 2; touch $MARKS/torn-down"},
        "true")};

    EXPECT_EQ(step.exit_code(), 0) << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_NE(step.output().find("teardown clean"), std::string::npos) << step.output();
    EXPECT_FALSE(has_lock_file());
}

TEST_F(RunTest, LetsGoAtTheSecondSignalAndTheRunFinishesByItself) {
    ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    ProcessUnderTest step{run_argv({"--domain", k_domain, "--run-id", "43", "--teardown",
                                    "echo tearing down; cat $MARKS/go; touch $MARKS/torn-down"},
                                   "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));
    step.kill(SIGTERM);
    ASSERT_TRUE(step.wait_for("tearing down"));
    // Signals in quick succession are one cancel.
    step.kill(SIGTERM);
    (void)base::run_and_capture({.argv = {"sleep", "1.2"}});
    EXPECT_EQ(step.output().find("letting go"), std::string::npos) << step.output();
    step.kill(SIGTERM);
    EXPECT_EQ(step.exit_code(), 143) << step.output();

    std::ofstream{marks_ / "go"} << "";

    // The next run of the domain gets its turn when the first is over, and not before.
    ProcessUnderTest next{run_argv({"--domain", k_domain}, "test -e $MARKS/torn-down")};
    EXPECT_EQ(next.exit_code(), 0) << next.output();
}

TEST_F(RunTest, Case22CancelsWhenTheShellOfTheStepIsKilled) {
    // As the exec runner does it: SIGKILL to the shell alone. The shell must not exec cc-ci.
    const std::string command =
        base::join(domain_argv({"--run-id", "44"}, "'echo job is here; sleep 1000'"), " ");
    const std::string quoted = base::replace_all(command, "echo torn down; touch $MARKS/torn-down",
                                                 "'touch $MARKS/torn-down'");
    ProcessUnderTest shell{{"/bin/sh", "-e", "-c", quoted + "; echo not reached"}};
    ASSERT_TRUE(shell.wait_for("job is here")) << shell.output();

    shell.kill(SIGKILL);

    EXPECT_EQ(shell.exit_code(), 137);
    EXPECT_NE(shell.output().find("the step's shell is gone"), std::string::npos) << shell.output();
    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_TRUE(becomes_lock_free());
    EXPECT_EQ(record("44")->verdict->kind, run::VerdictKind::cancelled);
}

TEST_F(RunTest, Case23RefusesToRunWhenItsParentIsDeadAlready) {
    // The shell in the middle is gone before cc-ci starts: the FIFO holds it back until then.
    ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    const std::string log = dir_.path() / "log";
    const std::string command = "( cat $MARKS/go; exec " + std::string{CCCI_PROGRAM} +
                                " run --manager " + test::manager() + " -- touch $MARKS/ran >" +
                                log + " 2>&1; ) & ";
    ProcessUnderTest shell{{"/bin/sh", "-c", command}};
    // The orphan keeps the output pipe, so only the shell itself is waited for.
    shell.close_output();
    ASSERT_EQ(shell.exit_code(), 0);

    std::ofstream{marks_ / "go"} << "";

    const base::Output seen = base::run_and_capture(
        {.argv = {"timeout", "20", "sh", "-c",
                  "until grep -q refusing " + log + " 2>/dev/null; do sleep 0.05; done"}});
    EXPECT_TRUE(seen.status.success()) << base::try_read_file(log).value_or("no log");
    EXPECT_FALSE(has_mark("ran"));
}

TEST_F(RunTest, Case27GoesOnWhenTheReaderOfItsOutputGoesAway) {
    ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    ProcessUnderTest step{
        domain_argv({"--run-id", "45"},
                    "echo job is here; cat $MARKS/go; i=0; while [ $i -lt 2000 ]; do echo "
                    "line $i of a job that nobody reads; i=$((i+1)); done; touch $MARKS/done")};
    ASSERT_TRUE(step.wait_for("job is here"));
    step.close_output();
    std::ofstream{marks_ / "go"} << "";

    EXPECT_EQ(step.exit_code(), 0);
    EXPECT_TRUE(has_mark("done"));
    EXPECT_TRUE(has_mark("torn-down"));
}

TEST_F(RunTest, Case31LeavesNoProcessOfAJobThatTriesHard) {
    ProcessUnderTest step{
        domain_argv({},
                    "trap '' TERM; "
                    "setsid sh -c 'trap \"\" TERM HUP; echo $$ >$MARKS/daemon; exec sleep 1000' & "
                    "( setsid sleep 1000 & echo $! >$MARKS/grandchild ); "
                    "for mark in daemon grandchild; do "
                    "  until grep -qx sleep /proc/$(cat $MARKS/$mark)/comm; do sleep 0.01; done; "
                    "done 2>/dev/null; exit 5")};

    EXPECT_EQ(step.exit_code(), 5) << step.output();
    EXPECT_NE(step.output().find("leaked process, killed: sleep 1000"), std::string::npos)
        << step.output();
    for (const char* mark : {"daemon", "grandchild"}) {
        const pid_t pid = std::stoi(read_mark(mark));
        EXPECT_EQ(::kill(pid, 0), -1) << mark;
    }
}

// Case 31.
TEST_F(RunTest, NamesSomeOfVeryManyProcessesThatAJobLeaves) {
    const std::string name(80, '0');
    ProcessUnderTest step{
        domain_argv({"--teardown-budget", "10s"},
                    "for i in $(seq 100); do setsid sleep " + name + "1000 & done; exit 5")};

    EXPECT_EQ(step.exit_code(), 5) << step.output();
    std::size_t named = 0;
    const std::string prefix = "leaked process, killed: ";
    for (std::size_t at = 0; (at = step.output().find(prefix, at)) != std::string::npos; ++at) {
        ++named;
    }
    EXPECT_EQ(named, 20U) << step.output();
    EXPECT_NE(step.output().find("leaked processes, killed: 80 more"), std::string::npos)
        << step.output();
}

// Case 31.
TEST_F(RunTest, CallsNothingLeakedThatDiesOfItsCancel) {
    ProcessUnderTest step{
        domain_argv({}, "for i in $(seq 300); do sleep 1000 & done; echo ready; wait")};
    ASSERT_TRUE(step.wait_for("ready"));
    step.kill(SIGTERM);

    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_EQ(step.output().find("leaked"), std::string::npos) << step.output();
}

// Case 31.
TEST_F(RunTest, KillsAJobThatIgnoresTermAfterTheGrace) {
    ProcessUnderTest step{domain_argv({"--teardown-budget", "2s"},
                                      "trap '' TERM; echo job is here; while :; do sleep 1; done")};
    ASSERT_TRUE(step.wait_for("job is here"));

    step.kill(SIGTERM);

    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
}

TEST_F(RunTest, Case32TearsDownWhenTheHarnessIsKilled) {
    ProcessUnderTest step{domain_argv({"--run-id", "46"}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));

    ASSERT_EQ(::kill(record("46")->harness->pid, SIGKILL), 0);

    EXPECT_EQ(step.exit_code(), 137) << step.output();
    EXPECT_NE(step.output().find("the harness was killed"), std::string::npos) << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_TRUE(becomes_lock_free());
    EXPECT_FALSE(has_lock_file());
    EXPECT_EQ(record("46")->verdict->kind, run::VerdictKind::killed);
}

TEST_F(RunTest, Case29EndsByItselfWhenTheStepIsKilled) {
    ProcessUnderTest step{domain_argv({"--run-id", "47"}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));

    step.kill(SIGKILL);

    EXPECT_EQ(step.exit_code(), 137);
    ProcessUnderTest next{run_argv({"--domain", k_domain}, "test -e $MARKS/torn-down")};
    EXPECT_EQ(next.exit_code(), 0) << next.output();
    EXPECT_EQ(record("47")->verdict->kind, run::VerdictKind::cancelled);
}

}  // namespace
}  // namespace ccci::test
