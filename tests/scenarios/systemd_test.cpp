#include <fmt/format.h>
#include <signal.h>

#include <chrono>

#include "scenarios/systemd_scenario.hpp"
#include "support/drone_step.hpp"

// What the unit of a run adds: the pinned lock, the deadline, the order in which it is stopped.

namespace ccci::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

TEST_F(SystemdTest, Case28LockBelongsToTheUnitAlone) {
    ProcessUnderTest step{run_argv(
        {"--domain", k_domain, "--run-id", "1", "--teardown", "echo tearing down; cat $MARKS/go"},
        "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));
    EXPECT_FALSE(is_lock_free());

    // The step has no copy: the lock outlives it.
    const std::string lock_file = locks::lock_path(locks_, k_domain);
    EXPECT_EQ(shell(fmt::format("ls -l /proc/{}/fd | grep -c '{}' || true", step.pid(), lock_file)),
              "0");

    EXPECT_EQ(shell("systemctl daemon-reload; echo done"), "done");
    EXPECT_FALSE(is_lock_free()) << "lost by daemon-reload";
    EXPECT_EQ(shell("systemctl daemon-reexec; echo done"), "done");
    EXPECT_FALSE(is_lock_free()) << "lost by daemon-reexec";

    // Nobody but PID 1 has it between the death of the harness and the end of ExecStopPost.
    ASSERT_EQ(::kill(record("1")->harness->pid, SIGKILL), 0);
    ASSERT_TRUE(step.wait_for("tearing down")) << step.output();
    EXPECT_EQ(property("cc-ci-run-1.service", "SubState"), "stop-post");
    EXPECT_FALSE(is_lock_free()) << "free while ExecStopPost is at work";

    go();
    EXPECT_EQ(step.exit_code(), 137) << step.output();
    EXPECT_TRUE(becomes_lock_free());
    EXPECT_FALSE(has_lock_file());
}

TEST_F(SystemdTest, Case30SurvivesTheKillOfADroneStep) {
    const std::filesystem::path workspace = dir_.path() / "drone-1";
    DroneStep drone{workspace,
                    {fmt::format("{} run --domain {} --teardown \"echo torn down; touch "
                                 "$MARKS/torn-down\" -- sh -c \"echo job is here; sleep 1000\"",
                                 CCCI_PROGRAM, k_domain)},
                    {"DRONE_BUILD_NUMBER=267", "MARKS=" + marks_.native(),
                     "CCCI_RUNS_DIR=" + runs_.native(), "CCCI_APP_LOCK_DIR=" + locks_.native()}};
    // Not the runner's echo of the command: the job's own line.
    ASSERT_TRUE(drone.shell().wait_for("\njob is here\n")) << drone.shell().output();
    // The job is in its unit's cgroup, and nothing of it in the runner's.
    const std::string cgroup = property("cc-ci-run-267.service", "ControlGroup");
    EXPECT_EQ(cgroup, "/cc.slice/cc-ci.slice/cc-ci-run-267.service");

    drone.cancel();

    EXPECT_EQ(drone.shell().exit_code(), 137);
    EXPECT_NE(drone.shell().output().find("the step's shell is gone"), std::string::npos)
        << drone.shell().output();
    EXPECT_TRUE(has_mark("torn-down"));
    EXPECT_TRUE(becomes_lock_free());
    EXPECT_EQ(record("267")->verdict->kind, run::VerdictKind::cancelled);
    EXPECT_FALSE(std::filesystem::exists("/sys/fs/cgroup" + cgroup));
}

TEST_F(SystemdTest, Case30CancelsADroneStepAtAnyMomentOfTheStart) {
    // The kill lands before, within and after the start of the unit; whatever had been reached by
    // then, nothing is left and nothing is called a success.
    for (int round = 0; round < 40; ++round) {
        const std::string id = fmt::format("300-{}", round);
        DroneStep drone{
            dir_.path() / "drone-2",
            {fmt::format("{} run --run-id {} --domain {} --teardown true -- sleep 1000",
                         CCCI_PROGRAM, id, k_domain)},
            {"CCCI_RUNS_DIR=" + runs_.native(), "CCCI_APP_LOCK_DIR=" + locks_.native()}};
        ASSERT_TRUE(drone.shell().wait_for("+ "));
        (void)shell(fmt::format("sleep 0.0{:02}", round));

        drone.cancel();

        EXPECT_EQ(drone.shell().exit_code(), 137);
        const auto seen = record(id);
        // The runner removes the workspace at once. A job that was to start in it may fail for that
        // before the step has heard of the kill.
        if (seen && seen->verdict && !seen->verdict->reason.starts_with("enter ")) {
            EXPECT_EQ(seen->verdict->kind, run::VerdictKind::cancelled)
                << round << ": " << seen->verdict->reason;
        }
        // systemd closes lock and link one after the other: the end of the step is not the end of
        // the lock to the very millisecond.
        const std::string lock_file = locks::lock_path(locks_, k_domain);
        ASSERT_EQ(
            shell(fmt::format("test ! -e {0} || flock --timeout 5 {0} true; echo $?", lock_file)),
            "0")
            << round;
    }
}

TEST_F(SystemdTest, Case34HasTheDeadlineFromSystemd) {
    const auto begin = steady_clock::now();
    ProcessUnderTest step{
        domain_argv({"--deadline", "2s", "--teardown-budget", "4s", "--run-id", "34"},
                    "trap '' TERM; while :; do sleep 1; done")};

    EXPECT_EQ(step.exit_code(), 142) << step.output();

    EXPECT_LT(steady_clock::now() - begin, 2s + 4s + 2s);
    EXPECT_TRUE(has_mark("torn-down"));
    (void)shell("journalctl --sync");
    const std::string told = shell("journalctl -b -u cc-ci-run-34.service -o cat");
    EXPECT_NE(told.find("Failed with result 'timeout'"), std::string::npos) << told;
}

TEST_F(SystemdTest, Case26SaysThatItIgnoresTheDeadlineDuringTheTeardown) {
    ProcessUnderTest step{run_argv({"--domain", k_domain, "--deadline", "1s", "--teardown",
                                    "echo tearing down; cat $MARKS/go; touch $MARKS/torn-down"},
                                   "true")};
    ASSERT_TRUE(step.wait_for("tearing down")) << step.output();
    ASSERT_TRUE(step.wait_for("ignored, the run is being torn down: stopped after 1s"))
        << step.output();

    go();

    EXPECT_EQ(step.exit_code(), 0) << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
}

// Case 25.
TEST_F(SystemdTest, IsStoppedBySystemctl) {
    ProcessUnderTest step{domain_argv({"--run-id", "35"}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));

    EXPECT_EQ(shell("systemctl stop cc-ci-run-35; echo $?"), "0");

    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_NE(step.output().find("the unit was stopped"), std::string::npos) << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
}

TEST_F(SystemdTest, IsTornDownBeforeDockerIsStopped) {
    // In that one's place: only the order matters.
    const std::string unit = "/etc/systemd/system/docker.service";
    (void)shell("systemctl unmask docker");
    std::ofstream{unit} << "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=true\n"
                        << fmt::format("ExecStop=touch {}/docker-stopped\n", marks_.native());
    ASSERT_EQ(shell("systemctl daemon-reload && systemctl start docker; echo $?"), "0");
    ProcessUnderTest step{run_argv(
        {"--run-id", "48", "--domain", k_domain, "--teardown",
         "timeout 1 cat $MARKS/go; test ! -e $MARKS/docker-stopped && touch $MARKS/in-time"},
        "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here")) << step.output();

    EXPECT_EQ(shell("systemctl stop cc-ci-run-48 docker; echo $?"), "0");

    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_TRUE(has_mark("in-time"));
    EXPECT_TRUE(has_mark("docker-stopped"));
    std::filesystem::remove(unit);
    (void)shell("systemctl mask docker");
}

TEST_F(SystemdTest, JanitorFindsWhatTheStepDoes) {
    const std::filesystem::path program = dir_.path() / "bin" / "list-apps";
    std::filesystem::create_directory(program.parent_path());
    std::ofstream{program} << "#!/bin/sh\ntouch $(dirname \"$0\")/called\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    std::ofstream{dir_.path() / "config.json"}
        << R"({"platform": "command", "list_command": "list-apps", "teardown_command": "true"})";
    std::vector<std::string> argv = run_argv({"--run-id", "49", "--domain", k_domain}, "true");
    argv.insert(argv.begin() + 1, {"--config", dir_.path() / "config.json"});
    argv.insert(argv.begin(),
                {"env", "--unset=CCCI_APP_LOCK_DIR",
                 fmt::format("PATH={}:/usr/bin:/bin", program.parent_path().native())});

    ProcessUnderTest step{argv};

    EXPECT_EQ(step.exit_code(), 0) << step.output();
    (void)shell(
        "timeout 10 sh -c 'while systemctl is-active --quiet cc-ci-janitor; do sleep 0.02; done'");
    EXPECT_TRUE(std::filesystem::exists(program.parent_path() / "called"));
}

TEST_F(SystemdTest, WaitingAndFollowingCostNoCpuTime) {
    ProcessUnderTest first{domain_argv({"--run-id", "47"}, "echo first is here; cat $MARKS/go")};
    ASSERT_TRUE(first.wait_for("first is here"));
    ProcessUnderTest second{domain_argv({"--run-id", "48"}, "true")};
    ASSERT_TRUE(second.wait_for("waiting for"));
    const auto ticks = [](pid_t pid) {
        return shell(
            fmt::format("cut -d' ' -f14-17 /proc/{}/stat; cat /proc/{}/status | "
                        "grep ctxt",
                        pid, pid));
    };
    const pid_t harness = record("47")->harness->pid;
    (void)shell("sleep 0.5");  // until all three are really waiting
    const std::string before = ticks(first.pid()) + ticks(second.pid()) + ticks(harness);

    // Long enough for any timer or poll loop to show.
    (void)shell("sleep 2");

    EXPECT_EQ(ticks(first.pid()) + ticks(second.pid()) + ticks(harness), before);
    go();
    EXPECT_EQ(first.exit_code(), 0);
    EXPECT_EQ(second.exit_code(), 0);
}

}  // namespace
}  // namespace ccci::test
