#include <signal.h>
#include <sys/stat.h>

#include "scenarios/run_scenario.hpp"

// Runs of the same domain, and those who end them.

namespace ccci::test {
namespace {

using namespace std::chrono_literals;

TEST_F(RunTest, Case41QueuesVisiblyBehindARunOfTheSameDomain) {
    ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    ProcessUnderTest first{
        domain_argv({"--run-id", "50"}, "echo first is here; cat $MARKS/go; exit 3")};
    ASSERT_TRUE(first.wait_for("first is here"));
    ProcessUnderTest second{
        domain_argv({"--run-id", "51"}, "test -e $MARKS/torn-down && echo second is here")};
    ASSERT_TRUE(second.wait_for("waiting for demo-0a1b2c.ci.localhost: run 50 has held it for"))
        << second.output();
    EXPECT_TRUE(second.wait_for("at most until"));
    EXPECT_TRUE(second.wait_for("nobody before us"));
    EXPECT_EQ(record("51")->phase, "for 50");

    std::ofstream{marks_ / "go"} << "";

    EXPECT_EQ(first.exit_code(), 3) << first.output();
    EXPECT_EQ(second.exit_code(), 0) << second.output();
    EXPECT_NE(second.output().find("lock acquired after"), std::string::npos);
    EXPECT_FALSE(has_lock_file());
}

TEST_F(RunTest, Case9GivesUpWaitingWithTheHoldersName) {
    ProcessUnderTest first{domain_argv({"--run-id", "52"}, "echo first is here; sleep 1000")};
    ASSERT_TRUE(first.wait_for("first is here"));

    ProcessUnderTest impatient{domain_argv({"--no-wait"}, "touch $MARKS/ran")};
    ProcessUnderTest patient{domain_argv({"--wait-timeout", "200ms"}, "touch $MARKS/ran")};

    EXPECT_EQ(impatient.exit_code(), 75);
    EXPECT_EQ(patient.exit_code(), 75);
    EXPECT_NE(impatient.output().find("run 52"), std::string::npos) << impatient.output();
    EXPECT_NE(patient.output().find("gave up after 200ms"), std::string::npos) << patient.output();
    EXPECT_FALSE(has_mark("ran"));
    first.kill(SIGTERM);
    EXPECT_EQ(first.exit_code(), 143);
}

// Case 7.
TEST_F(RunTest, LeavesTheQueueWhenCancelled) {
    ProcessUnderTest first{domain_argv({"--run-id", "53"}, "echo first is here; sleep 1000")};
    ASSERT_TRUE(first.wait_for("first is here"));
    ProcessUnderTest waiting{domain_argv({"--run-id", "54"}, "touch $MARKS/ran")};
    ASSERT_TRUE(waiting.wait_for("waiting for"));

    ProcessUnderTest cancel{{CCCI_PROGRAM, "cancel", "54"}};

    EXPECT_EQ(cancel.exit_code(), 0) << cancel.output();
    EXPECT_EQ(waiting.exit_code(), 143) << waiting.output();
    EXPECT_FALSE(has_mark("ran"));
    EXPECT_FALSE(is_lock_free());
    first.kill(SIGTERM);
    EXPECT_EQ(first.exit_code(), 143);
}

// A janitor must not take what such a run leaves for nothing.
TEST_F(RunTest, SaysInItsLockFileThatItTearsDownItself) {
    const std::string file = locks::lock_path(locks_, k_domain);
    const std::string show = "cat " + file;
    ProcessUnderTest own{domain_argv({}, show)};
    ProcessUnderTest none{run_argv({"--domain", k_domain}, show)};

    EXPECT_EQ(own.exit_code(), 0) << own.output();
    EXPECT_EQ(none.exit_code(), 0) << none.output();
    EXPECT_NE(own.output().find("\"own_teardown\":true"), std::string::npos) << own.output();
    EXPECT_EQ(none.output().find("own_teardown"), std::string::npos) << none.output();
}

TEST_F(RunTest, SupersedesTheHolderAndThoseWhoWait) {
    ProcessUnderTest holder{domain_argv({"--run-id", "60"}, "echo holder is here; sleep 1000")};
    ASSERT_TRUE(holder.wait_for("holder is here"));
    ProcessUnderTest waiter{domain_argv({"--run-id", "61"}, "touch $MARKS/waiter-ran")};
    ASSERT_TRUE(waiter.wait_for("waiting for"));

    ProcessUnderTest newest{domain_argv({"--run-id", "62", "--supersede"}, "echo newest is here")};

    EXPECT_EQ(newest.exit_code(), 0) << newest.output();
    EXPECT_EQ(holder.exit_code(), 143);
    EXPECT_EQ(waiter.exit_code(), 143);
    EXPECT_NE(holder.output().find("superseded by run 62"), std::string::npos) << holder.output();
    EXPECT_EQ(record("60")->verdict->kind, run::VerdictKind::superseded);
    EXPECT_EQ(record("61")->verdict->kind, run::VerdictKind::superseded);
    EXPECT_FALSE(has_mark("waiter-ran"));
}

TEST_F(RunTest, SupersedesTheHolderWhateverTheLockFileSays) {
    ProcessUnderTest holder{domain_argv({"--run-id", "65"}, "echo holder is here; sleep 1000")};
    ASSERT_TRUE(holder.wait_for("holder is here"));
    // As in the moment in which the lock changes hands.
    std::filesystem::resize_file(locks::lock_path(locks_, k_domain), 0);

    ProcessUnderTest newest{domain_argv({"--run-id", "66", "--supersede", "--wait-timeout", "20s"},
                                        "echo newest is here")};

    EXPECT_EQ(newest.exit_code(), 0) << newest.output();
    holder.kill(SIGTERM);
    EXPECT_EQ(holder.exit_code(), 143);
    EXPECT_EQ(record("65")->verdict->kind, run::VerdictKind::superseded);
}

// A run that is not known to run yet is told by way of its step, which has handed it on by then.
TEST_F(RunTest, PassesOnWhyItIsStopped) {
    ProcessUnderTest step{domain_argv({"--run-id", "67"}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));
    run::RunDir::open(runs_ / "67")
        .order_stop({run::StopCause::superseded, "superseded by run 68"});

    step.kill(SIGTERM);

    EXPECT_EQ(step.exit_code(), 143);
    EXPECT_NE(step.output().find("cc-ci: superseded by run 68"), std::string::npos)
        << step.output();
    EXPECT_EQ(record("67")->verdict->kind, run::VerdictKind::superseded);
    EXPECT_TRUE(has_mark("torn-down"));
}

TEST_F(RunTest, CancelWaitsForTheTeardown) {
    ProcessUnderTest step{domain_argv({"--run-id", "63"}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));

    ProcessUnderTest cancel{{CCCI_PROGRAM, "cancel", "63"}};

    EXPECT_EQ(cancel.exit_code(), 0);
    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_NE(step.output().find("with cc-ci cancel"), std::string::npos) << step.output();
}

}  // namespace
}  // namespace ccci::test
