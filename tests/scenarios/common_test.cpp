#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/descendants.hpp"
#include "base/text.hpp"
#include "scenarios/scenario.hpp"

// What must hold whatever carries the run.

namespace ccci::test {
namespace {

class RunTest : public Scenario {};

struct ExitCase {
    const char* script;
    int code;
    const char* verdict;
};

TEST_F(RunTest, Case35ExitsAsTheJobDoes) {
    const std::vector<ExitCase> table{
        {"exit 0", 0, "passed"},
        {"exit 7", 7, "failed"},
        {"exit 78", 1, "failed: the job exited with 78"},
        {"kill -SEGV $$", 139, "failed: the job died of signal 11"},
        {"kill -KILL $$", 137, "killed: the job was killed"},
    };
    for (const ExitCase& expected : table) {
        ProcessUnderTest step{domain_argv({}, expected.script)};

        EXPECT_EQ(step.exit_code(), expected.code) << expected.script << "\n" << step.output();
        EXPECT_NE(step.output().find(expected.verdict), std::string::npos) << step.output();
        EXPECT_TRUE(has_mark("torn-down"));
        remove_mark("torn-down");
        EXPECT_FALSE(has_lock_file());
    }
}

TEST_F(RunTest, Case35TellsNotFoundFromNotExecutable) {
    std::ofstream{dir_.path() / "plain"} << "no program\n";
    ProcessUnderTest missing{
        {CCCI_PROGRAM, "run", "--manager", test::manager(), "--", "no-such-thing"}};
    ProcessUnderTest plain{
        {CCCI_PROGRAM, "run", "--manager", test::manager(), "--", dir_.path() / "plain"}};

    EXPECT_EQ(missing.exit_code(), 127) << missing.output();
    EXPECT_EQ(plain.exit_code(), 126) << plain.output();
}

TEST_F(RunTest, ReportsLeftoversOfAPassedJobAsFailure) {
    ProcessUnderTest step{
        run_argv({"--domain", k_domain, "--teardown", "echo a volume is left; exit 1"}, "exit 0")};

    EXPECT_EQ(step.exit_code(), 123) << step.output();
    EXPECT_NE(step.output().find("TEARDOWN INCOMPLETE"), std::string::npos) << step.output();
    EXPECT_TRUE(has_lock_file()) << "the file is what tells the next run to clean up first";
    EXPECT_TRUE(becomes_lock_free());
}

TEST_F(RunTest, MakesACleanSlateAfterARunThatDidNotFinish) {
    ProcessUnderTest first{run_argv({"--domain", k_domain, "--teardown", "exit 1"}, "exit 0")};
    ASSERT_EQ(first.exit_code(), 123) << first.output();

    ProcessUnderTest second{domain_argv({}, "test -e $MARKS/torn-down")};

    EXPECT_EQ(second.exit_code(), 0) << second.output();
    EXPECT_NE(second.output().find("clean slate"), std::string::npos) << second.output();
}

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

TEST_F(RunTest, KeepsStdoutAndStderrApartWhenTheStepDoes) {
    ProcessUnderTest step{domain_argv({}, "echo to stdout; echo to stderr >&2"), {}, true};

    EXPECT_EQ(step.exit_code(), 0);
    EXPECT_EQ(step.output(), "to stdout\ntorn down\n");
    EXPECT_NE(step.errors().find("to stderr\n"), std::string::npos);
    EXPECT_NE(step.errors().find("cc-ci: passed"), std::string::npos);
}

TEST_F(RunTest, Case38PassesBytesOnExactly) {
    // 10 MB without a line end, every byte value, and nothing after the last one.
    ProcessUnderTest step{
        run_argv({}, "head -c 10000000 /dev/zero | tr '\\0' x; printf '\\000\\377\\n\\001'"),
        {},
        true};

    EXPECT_EQ(step.exit_code(), 0);
    ASSERT_EQ(step.output().size(), 10'000'004U);
    EXPECT_EQ(step.output().substr(9'999'999), std::string("x\0\xff\n\x01", 5));
}

TEST_F(RunTest, Case37KeepsABurstInOrder) {
    ProcessUnderTest step{run_argv({"--run-id", "64"}, "seq 100000"), {}, true};

    EXPECT_EQ(step.exit_code(), 0);
    std::string expected;
    for (int line = 1; line <= 100'000; ++line) {
        expected += std::to_string(line) + "\n";
    }
    EXPECT_EQ(step.output(), expected);
}

// Case 49.
TEST_F(RunTest, GivesARepeatedIdASuffix) {
    ProcessUnderTest first{run_argv({"--run-id", "70"}, "true")};
    ASSERT_EQ(first.exit_code(), 0);
    ProcessUnderTest second{run_argv({"--run-id", "70"}, "true")};
    ASSERT_EQ(second.exit_code(), 0);

    EXPECT_TRUE(record("70"));
    EXPECT_TRUE(record("70-2"));
}

TEST_F(RunTest, Case40KeepsSecretsOutOfWhatOthersCanRead) {
    ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    ProcessUnderTest step{domain_argv({"--run-id", "71"}, "echo job is here; cat $MARKS/go"),
                          {"TOKEN=hush-4711"}};
    ASSERT_TRUE(step.wait_for("job is here"));

    const base::Output lines = base::run_and_capture(
        {.argv = {"sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"}});
    EXPECT_EQ(lines.text.find("hush-4711"), std::string::npos);
    for (const auto& entry : std::filesystem::recursive_directory_iterator{dir_.path()}) {
        if (!entry.is_regular_file()) {
            continue;
        }
        const auto text = base::try_read_file(entry.path());
        if (text && text->find("hush-4711") != std::string::npos) {
            EXPECT_EQ(entry.status().permissions() & std::filesystem::perms(077),
                      std::filesystem::perms::none)
                << entry.path();
        }
    }
    std::ofstream{marks_ / "go"} << "";
    EXPECT_EQ(step.exit_code(), 0) << step.output();
    EXPECT_FALSE(std::filesystem::exists(runs_ / "71" / "request"))
        << "the environment outlives the run";
}

struct RefusalCase {
    std::vector<std::string> argv;
    const char* named;
};

TEST_F(RunTest, RefusesBadInputWithOneLineAndNothingDone) {
    const std::string config = dir_.path() / "config.json";
    std::ofstream{config} << R"({"lock_dri": "/run/lock"})";
    const std::vector<RefusalCase> table{
        {{"run", "--domain", "Nope_", "--", "true"}, "'Nope_'"},
        {{"run", "--domain", "a/b.c", "--", "true"}, "'a/b.c'"},
        {{"run", "--run-id", "a/b", "--", "true"}, "'a/b'"},
        {{"run", "--run-id", "..", "--", "true"}, "'..'"},
        {{"run", "--run-id", "a\nb", "--", "true"}, "'a\\x0ab'"},
        {{"run", "--deadline", "soon", "--", "true"}, "'soon'"},
        {{"run", "--deadline", "0s", "--", "true"}, "--deadline"},
        {{"run", "--memory-max", "many", "--", "true"}, "'many'"},
        {{"run", "--manager", "docker", "--", "true"}, "'docker'"},
        {{"run", "--no-such-option", "--", "true"}, "--no-such-option"},
        {{"run"}, "no command"},
        {{"run", "--"}, "no command"},
        {{"--config", config, "run", "--", "true"}, "unknown key 'lock_dri'"},
        {{"--config", "/no/such/file", "run", "--", "true"}, "/no/such/file"},
        {{"recipe"}, "no recipe"},
        {{"recipe", "--recipe", "../etc"}, "'../etc'"},
        {{"recipe", "--recipe", "immich", "--ref=--upload-pack=x"}, "'--upload-pack=x'"},
        {{"recipe", "--recipe", "immich", "--stages", "instal"}, "'instal'"},
        {{"recipe", "--recipe", "immich", "--src", "ext::sh -c touch"}, "'ext::sh -c touch'"},
        {{"recipe", "--recipe", "immich", "--pr", "1;2"}, "'1;2'"},
        {{"cancel", "no-such-run"}, "'no-such-run'"},
        {{"logs", "../../etc"}, "'../../etc'"},
    };
    for (const RefusalCase& refusal : table) {
        std::vector<std::string> argv{CCCI_PROGRAM};
        argv.insert(argv.end(), refusal.argv.begin(), refusal.argv.end());
        ProcessUnderTest step{argv};

        EXPECT_EQ(step.exit_code(), 2) << base::join(argv, " ") << "\n" << step.output();
        EXPECT_NE(step.output().find(refusal.named), std::string::npos)
            << base::join(argv, " ") << "\n"
            << step.output();
        EXPECT_EQ(std::count(step.output().begin(), step.output().end(), '\n'), 1) << step.output();
    }
    EXPECT_FALSE(std::filesystem::exists(runs_));
    EXPECT_TRUE(std::filesystem::is_empty(locks_));
}

// Case 8.
TEST_F(RunTest, SaysWhatToDoAboutAnUnusableLock) {
    const auto expect_refusal = [&](const std::string& reason) {
        ProcessUnderTest step{domain_argv({}, "touch $MARKS/ran")};
        EXPECT_EQ(step.exit_code(), 125) << step.output();
        EXPECT_NE(step.output().find(reason), std::string::npos) << step.output();
        EXPECT_FALSE(has_mark("ran"));
    };
    const auto file = locks::lock_path(locks_, k_domain);

    std::filesystem::create_symlink("/etc/passwd", file);
    expect_refusal("is a symbolic link: remove it");
    std::filesystem::remove(file);

    std::filesystem::create_directory(file);
    expect_refusal("remove it");
    std::filesystem::remove(file);

    std::ofstream{file} << "";
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    expect_refusal("so others could hold it");
    std::filesystem::remove(file);

    std::filesystem::permissions(locks_, std::filesystem::perms(0777));
    expect_refusal("chmod +t");

    std::filesystem::remove(locks_);
    expect_refusal("does not exist: create it");
}

TEST_F(RunTest, PrintsTheVerdictAsJsonWhenAsked) {
    ProcessUnderTest step{domain_argv({"--json", "--run-id", "72"}, "exit 4")};
    ASSERT_EQ(step.exit_code(), 4);

    const std::string text{base::trim(step.output())};
    const auto line = nlohmann::json::parse(text.substr(text.rfind('\n') + 1));
    EXPECT_EQ(line.at("verdict"), "failed");
    EXPECT_EQ(line.at("exit_code"), 4);
    EXPECT_EQ(line.at("run"), "72");
    EXPECT_EQ(line.at("clean"), true);
}

TEST_F(RunTest, PsShowsWhoRunsAndWhoWaits) {
    ProcessUnderTest first{domain_argv({"--run-id", "80"}, "echo first is here; sleep 1000")};
    ASSERT_TRUE(first.wait_for("first is here"));
    ProcessUnderTest second{domain_argv({"--run-id", "81"}, "true")};
    ASSERT_TRUE(second.wait_for("waiting for"));

    ProcessUnderTest table{{CCCI_PROGRAM, "ps"}, {}, true};
    ProcessUnderTest as_json{{CCCI_PROGRAM, "ps", "--json"}, {}, true};

    ASSERT_EQ(table.exit_code(), 0);
    ASSERT_EQ(as_json.exit_code(), 0);
    EXPECT_NE(table.output().find("for 80"), std::string::npos) << table.output();
    const auto list = nlohmann::json::parse(as_json.output());
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list.at(0).at("shown_state"), "waiting");
    EXPECT_EQ(list.at(1).at("shown_state"), "running");

    first.kill(SIGTERM);
    EXPECT_EQ(first.exit_code(), 143);
    EXPECT_EQ(second.exit_code(), 0);
}

// Case 15. After a reboot, pid and start time of a record may be those of anybody.
TEST_F(RunTest, TakesNobodyOfThisBootForARunOfAnother) {
    ProcessUnderTest stranger{{"sleep", "1000"}};
    run::ProcessId forged{.pid = stranger.pid(),
                          .start_ticks = base::process_facts(stranger.pid())->start_ticks,
                          .boot = base::boot_id()};
    ASSERT_TRUE(forged.is_alive());
    forged.boot = "0d5f2c4e-6c1e-4b59-8f0f-3a1b7d2e9c10";
    for (const auto& [id, state] : std::vector<std::pair<std::string, run::State>>{
             {"50", run::State::waiting}, {"51", run::State::running}}) {
        run::Record dead;
        dead.run = id;
        dead.manager = "none";
        dead.state = state;
        dead.created = std::chrono::system_clock::now();
        dead.step = forged;
        dead.harness = forged;
        run::RunDir::create(runs_, id).write(dead);

        ProcessUnderTest ps{{CCCI_PROGRAM, "ps", "--json"}};
        EXPECT_EQ(ps.exit_code(), 0) << ps.output();
        EXPECT_NE(ps.output().find(R"("shown_state": "lost")"), std::string::npos) << ps.output();
        ProcessUnderTest cancel{{CCCI_PROGRAM, "cancel", "--no-wait", id}};
        EXPECT_EQ(cancel.exit_code(), 0) << cancel.output();
        EXPECT_NE(cancel.output().find("is over already"), std::string::npos) << cancel.output();
        std::filesystem::remove_all(runs_ / id);
    }

    // The first signal counts: had it got a TERM, that would be its end.
    stranger.kill(SIGKILL);
    EXPECT_EQ(stranger.exit_code(), 128 + SIGKILL) << "it got a TERM that was not for it";
}

TEST_F(RunTest, LogsShowTheOutputAfterTheEnd) {
    ProcessUnderTest step{run_argv({"--run-id", "82"}, "echo the job said this; exit 9")};
    ASSERT_EQ(step.exit_code(), 9);

    // The journal takes a moment between what it got and what it shows.
    (void)base::run_and_capture({.argv = {"sh", "-c", "journalctl --sync 2>/dev/null || true"}});
    ProcessUnderTest logs{{CCCI_PROGRAM, "logs", "82"}};

    EXPECT_EQ(logs.exit_code(), 0);
    EXPECT_NE(logs.output().find("the job said this"), std::string::npos) << logs.output();
}

}  // namespace
}  // namespace ccci::test
