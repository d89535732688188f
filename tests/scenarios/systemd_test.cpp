#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "scenarios/scenario.hpp"
#include "support/drone_step.hpp"

// What systemd adds: the pinned lock, the unit, ExecStopPost, the journal.

namespace ccci::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

std::string shell(const std::string& command) {
    return std::string{base::trim(base::run_and_capture({.argv = {"sh", "-c", command}}).text)};
}

std::string property(const std::string& unit, const std::string& name) {
    return shell(fmt::format("systemctl show --value -p {} {}", name, unit));
}

class SystemdTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        if (std::getenv("CCCI_SANDBOX") == nullptr) {
            GTEST_SKIP() << "not in tests/sandbox/sandbox";
        }
        ASSERT_EQ(::mkfifo((marks_ / "go").c_str(), 0600), 0);
    }

    void TearDown() override {
        // The end of a unit comes a moment after that of its step.
        const std::string list = "systemctl list-units --all --plain --no-legend 'cc-ci-run-*'";
        (void)shell(
            fmt::format("systemctl unset-environment CCCI_FAILPOINT CCCI_FAILPOINT_DIR; "
                        "timeout 5 sh -c \"while {} | grep -q .; do sleep 0.02; done\"",
                        list));
        EXPECT_EQ(shell(list), "");
    }

    void go() const { std::ofstream{marks_ / "go"} << ""; }

    /// The same command where something else is mounted, for itself alone.
    static std::vector<std::string> in_other_mounts(const std::string& mounts,
                                                    std::vector<std::string> argv) {
        argv.insert(argv.begin(),
                    {"unshare", "--mount", "sh", "-ec", mounts + "; cd /; exec \"$@\"", "sh"});
        return argv;
    }

    /// While it is at work. What it has started dies with it.
    static void kill_stop_post(const std::string& unit) {
        ASSERT_EQ(property(unit, "SubState"), "stop-post");
        ASSERT_EQ(::kill(std::stoi(property(unit, "ControlPID")), SIGKILL), 0);
    }

    /// The same command with the programs that have fail points (tests/faults), of which the
    /// ExecStopPost dies as soon as it is born.
    std::vector<std::string> with_doomed_stop_post(std::vector<std::string> argv) const {
        argv[0] = CCCI_BUILD "/failing/bin/cc-ci";
        (void)std::filesystem::remove(dir_.path() / "post.born.hit");
        (void)shell(
            fmt::format("systemctl set-environment CCCI_FAILPOINT=post.born:kill "
                        "CCCI_FAILPOINT_DIR={}",
                        dir_.path().native()));
        return argv;
    }

    /// Harness and ExecStopPost of a run.
    void kill_before_a_word(const std::string& id) const {
        ASSERT_EQ(::kill(record(id)->harness->pid, SIGKILL), 0);
    }

    static std::string last_line(const std::string& output) {
        const std::string_view text = base::trim(output);
        return std::string{text.substr(text.rfind('\n') + 1)};
    }
};

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

TEST_F(SystemdTest, Case36OutlivesAReexecAndRestartsOfDbusAndJournald) {
    ProcessUnderTest step{domain_argv(
        {"--run-id", "36"},
        "echo line 1; cat $MARKS/go; echo line 2; cat $MARKS/go; echo line 3; cat $MARKS/go; "
        "echo line 4; exit 6")};
    ASSERT_TRUE(step.wait_for("line 1"));
    (void)shell("systemctl daemon-reexec");
    go();
    ASSERT_TRUE(step.wait_for("line 2"));
    (void)shell("systemctl restart dbus.service");
    go();
    ASSERT_TRUE(step.wait_for("line 3"));
    (void)shell("systemctl restart systemd-journald.service");
    go();

    EXPECT_EQ(step.exit_code(), 6) << step.output();
    EXPECT_NE(step.output().find("line 1\nline 2\nline 3\nline 4\ntorn down\n"), std::string::npos)
        << step.output();
    EXPECT_FALSE(has_lock_file());
}

// Case 36.
TEST_F(SystemdTest, CancelsEvenAfterTheBusWasRestarted) {
    ProcessUnderTest step{domain_argv({}, "echo job is here; sleep 1000")};
    ASSERT_TRUE(step.wait_for("job is here"));
    (void)shell("systemctl restart dbus.service");

    step.kill(SIGTERM);

    EXPECT_EQ(step.exit_code(), 143) << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
}

TEST_F(SystemdTest, Case37KeepsABurstInTheJournal) {
    ProcessUnderTest step{run_argv({"--run-id", "37"}, "seq 100000 | sed 's/^/burst /'"), {}, true};
    ASSERT_EQ(step.exit_code(), 0) << step.errors();

    (void)shell("journalctl --sync");
    EXPECT_EQ(shell("journalctl -b CC_CI_RUN=37 -o cat | grep -c '^burst '"), "100000");
}

TEST_F(SystemdTest, Case39ReportsATakenUnitName) {
    (void)shell("systemd-run --unit cc-ci-run-39.service --collect sleep 1000");

    ProcessUnderTest step{domain_argv({"--run-id", "39"}, "touch $MARKS/ran")};

    EXPECT_EQ(step.exit_code(), 125) << step.output();
    EXPECT_NE(step.output().find("start unit cc-ci-run-39.service: Unit cc-ci-run-39.service"),
              std::string::npos)
        << step.output();
    EXPECT_FALSE(has_mark("ran"));
    EXPECT_TRUE(becomes_lock_free());
    EXPECT_EQ(record("39")->state, run::State::ended);
    ProcessUnderTest next{domain_argv({"--run-id", "39-next"}, "true")};
    EXPECT_EQ(next.exit_code(), 0);
    EXPECT_EQ(next.output().find("did not finish"), std::string::npos) << next.output();
    (void)shell("systemctl stop cc-ci-run-39.service");
}

TEST_F(SystemdTest, Case39ReportsABusThatIsDown) {
    (void)shell("systemctl stop dbus.socket dbus.service");

    ProcessUnderTest step{domain_argv({}, "touch $MARKS/ran")};
    EXPECT_EQ(step.exit_code(), 125) << step.output();
    (void)shell("systemctl start dbus.socket dbus.service");

    EXPECT_NE(step.output().find("connect to systemd"), std::string::npos) << step.output();
    EXPECT_EQ(std::count(step.output().begin(), step.output().end(), '\n'), 1) << step.output();
    EXPECT_FALSE(has_mark("ran"));
    EXPECT_FALSE(std::filesystem::exists(runs_)) << "a run directory was made";
    EXPECT_FALSE(has_lock_file());
}

TEST_F(SystemdTest, Case39ReportsThatSystemdRefuses) {
    // Only root may start units of the system manager.
    const std::string home = dir_.path() / "home";
    ASSERT_EQ(shell(fmt::format("install -d -o nobody {0} {0}/locks && chmod 711 {1} && echo ready",
                                home, dir_.path().native())),
              "ready");

    ProcessUnderTest step{
        {"sh", "-c",
         fmt::format("setpriv --reuid nobody --clear-groups env -i PATH=/usr/bin:/bin "
                     "CCCI_RUNS_DIR={0}/runs CCCI_APP_LOCK_DIR={0}/locks {1} run --manager system "
                     "--run-id 38 --domain {2} --teardown true -- touch {0}/ran; exit $?",
                     home, CCCI_PROGRAM, k_domain)}};

    EXPECT_EQ(step.exit_code(), 125) << step.output();
    EXPECT_NE(step.output().find("start unit cc-ci-run-38.service: "), std::string::npos)
        << step.output();
    EXPECT_FALSE(std::filesystem::exists(home + "/ran"));
    const std::string lock_file = locks::lock_path(home + "/locks", k_domain);
    EXPECT_EQ(shell(fmt::format("flock --nonblock {} echo free", lock_file)), "free");
    EXPECT_EQ(run::RunDir::open(home + "/runs/38").read()->state, run::State::ended);
}

TEST_F(SystemdTest, Case40KeepsSecretsOffTheBus) {
    ProcessUnderTest step{domain_argv({"--run-id", "40"}, "echo job is here; cat $MARKS/go"),
                          {"TOKEN=hush-4711"}};
    ASSERT_TRUE(step.wait_for("job is here"));

    EXPECT_EQ(shell("systemctl show cc-ci-run-40.service | grep -c hush-4711 || true"), "0");

    go();
    EXPECT_EQ(step.exit_code(), 0);
}

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

TEST_F(SystemdTest, DetachedRunOutlivesItsStep) {
    ProcessUnderTest step{
        domain_argv({"--run-id", "42", "--detach"}, "cat $MARKS/go; echo detached output; exit 3"),
        {},
        true};
    ASSERT_EQ(step.exit_code(), 0) << step.errors();
    EXPECT_EQ(step.output(), "42\n");
    EXPECT_FALSE(is_lock_free());

    ProcessUnderTest next{domain_argv({"--run-id", "43"}, "true")};
    ASSERT_TRUE(next.wait_for("waiting for"));
    go();

    EXPECT_EQ(next.exit_code(), 0) << next.output();
    EXPECT_EQ(record("42")->verdict->exit_code, 3);
    (void)shell("journalctl --sync");
    EXPECT_NE(shell("journalctl -b CC_CI_RUN=42 -o cat").find("detached output"),
              std::string::npos);
}

TEST_F(SystemdTest, ScopeKeepsTheStepsOwnInput) {
    ProcessUnderTest step{
        {"sh", "-c",
         fmt::format("echo from the terminal | {} run --scope --run-id 44 --domain {} --teardown "
                     "'touch $MARKS/torn-down' -- sh -c 'cat; cat /proc/self/cgroup; exit 4'; "
                     "echo code $?",
                     CCCI_PROGRAM, k_domain)}};

    EXPECT_EQ(step.exit_code(), 0);
    EXPECT_NE(step.output().find("from the terminal\n"), std::string::npos) << step.output();
    EXPECT_NE(step.output().find("cc-ci-run-44.scope"), std::string::npos) << step.output();
    EXPECT_NE(step.output().find("code 4\n"), std::string::npos) << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
}

// Case 24.
TEST_F(SystemdTest, ScopeHasTheDeadlineToo) {
    ProcessUnderTest step{domain_argv({"--scope", "--deadline", "2s"}, "sleep 1000")};

    EXPECT_EQ(step.exit_code(), 142) << step.output();
    EXPECT_TRUE(has_mark("torn-down"));
}

TEST_F(SystemdTest, LimitsReachTheUnit) {
    // The sandbox may lack the controllers; whether they are there is what cc-ci reads here.
    std::ofstream{dir_.path() / "controllers"} << "cpuset cpu io memory pids\n";
    ProcessUnderTest step{in_other_mounts(
        fmt::format("mount --bind {} /sys/fs/cgroup/cgroup.controllers",
                    (dir_.path() / "controllers").native()),
        run_argv(
            {"--run-id", "45", "--memory-max", "512M", "--cpu-quota", "150%", "--tasks-max", "64"},
            "echo job is here; cat $MARKS/go"))};
    ASSERT_TRUE(step.wait_for("job is here")) << step.output();

    EXPECT_EQ(property("cc-ci-run-45.service", "MemoryMax"), "536870912");
    EXPECT_EQ(property("cc-ci-run-45.service", "CPUQuotaPerSecUSec"), "1.500000s");
    EXPECT_EQ(property("cc-ci-run-45.service", "TasksMax"), "64");
    EXPECT_EQ(property("cc-ci-run-45.service", "KillMode"), "mixed");
    EXPECT_EQ(property("cc-ci-run-45.service", "NotifyAccess"), "none");
    EXPECT_EQ(property("cc-ci-run-45.service", "RuntimeMaxUSec"), "1h");

    go();
    EXPECT_EQ(step.exit_code(), 0);
}

TEST_F(SystemdTest, RefusesALimitThatTheHostCannotKeep) {
    struct {
        std::vector<std::string> options;
        std::string controller;
    } const table[] = {{{"--memory-max", "512M"}, "memory"},
                       {{"--cpu-quota", "150%"}, "cpu"},
                       {{"--tasks-max", "64"}, "pids"},
                       {{"--tasks-max", "64", "--scope"}, "pids"}};
    // Each lacks its own controller, and in the hybrid layout there may be all of them in v1.
    std::ofstream{dir_.path() / "controllers"} << "cpuset io\n";
    for (const auto& [mounts, file] : std::vector<std::pair<std::string, std::string>>{
             {fmt::format("mount --bind {} /sys/fs/cgroup/cgroup.controllers",
                          (dir_.path() / "controllers").native()),
              "/sys/fs/cgroup/cgroup.controllers"},
             {fmt::format("mount -t tmpfs tmpfs /sys/fs/cgroup && cd /sys/fs/cgroup && "
                          "mkdir unified memory cpu pids && mount -t cgroup2 cgroup2 unified && "
                          "mount --bind {} unified/cgroup.controllers",
                          (dir_.path() / "controllers").native()),
              "/sys/fs/cgroup/unified/cgroup.controllers"},
             {"mount -t tmpfs tmpfs /sys/fs/cgroup", "no cgroup v2"}}) {
        for (const auto& row : table) {
            std::vector<std::string> options{"--run-id", "49", "--domain", k_domain};
            options.insert(options.end(), row.options.begin(), row.options.end());

            ProcessUnderTest step{in_other_mounts(mounts, run_argv(options, "touch $MARKS/ran"))};

            EXPECT_EQ(step.exit_code(), 125) << step.output();
            EXPECT_EQ(step.output(),
                      fmt::format("cc-ci: {}: this host has no cgroup v2 controller '{}' ({}), so "
                                  "there would be no limit\n",
                                  row.options[0], row.controller, file));
            EXPECT_FALSE(has_mark("ran"));
            EXPECT_FALSE(std::filesystem::exists(runs_)) << "a run directory was made";
            EXPECT_FALSE(has_lock_file());
        }
    }
}

TEST_F(SystemdTest, RunsUnderAUsersOwnManager) {
    // The logind of systemd 257 does not find back to a bus that was restarted.
    ASSERT_EQ(shell("id ccci-test >/dev/null 2>&1 || useradd --uid 1500 --create-home ccci-test; "
                    "systemctl restart systemd-logind && loginctl enable-linger ccci-test && "
                    "systemctl start user@1500.service && echo ready"),
              "ready");
    const std::string home = dir_.path() / "home";
    ASSERT_EQ(shell(fmt::format("install -d -o ccci-test {0} {0}/locks {0}/marks && "
                                "chmod 711 {1} && echo ready",
                                home, dir_.path().native())),
              "ready");
    const std::string as_user = fmt::format(
        "setpriv --reuid 1500 --regid 1500 --init-groups env -i PATH=/usr/bin:/bin "
        "CCCI_RUNS_DIR={0}/runs CCCI_APP_LOCK_DIR={0}/locks MARKS={0}/marks {1} ",
        home, CCCI_PROGRAM);

    ProcessUnderTest step{
        {"sh", "-c",
         as_user + fmt::format("run --run-id 46 --domain {} --teardown 'touch $MARKS/torn-down' -- "
                               "sh -c 'cat /proc/self/cgroup; exit 5'; exit $?",
                               k_domain)}};

    EXPECT_EQ(step.exit_code(), 5) << step.output();
    EXPECT_NE(step.output().find("user@1500.service"), std::string::npos) << step.output();
    EXPECT_NE(step.output().find("cc-ci-run-46.service"), std::string::npos);
    EXPECT_TRUE(std::filesystem::exists(home + "/marks/torn-down"));
    (void)shell("journalctl --sync");
    EXPECT_EQ(shell("journalctl -b CC_CI_EVENT=ended CC_CI_RUN=46 -o cat | wc -l"), "1");

    // What is there for its units is what was delegated to it.
    const std::string own = "/sys/fs/cgroup/user.slice/user-1500.slice/user@1500.service";
    if (shell(fmt::format("grep -w memory {}/cgroup.controllers", own)).empty()) {
        ProcessUnderTest limited{
            {"sh", "-c", as_user + "run --run-id 46-limited --memory-max 64M -- true; exit $?"}};
        EXPECT_EQ(limited.exit_code(), 125) << limited.output();
        EXPECT_NE(limited.output().find(fmt::format(
                      "the user manager has no cgroup v2 controller 'memory' ({}/", own)),
                  std::string::npos)
            << limited.output();
    }
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
