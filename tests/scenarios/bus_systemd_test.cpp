#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>

#include "scenarios/systemd_scenario.hpp"

// What comes of a run when bus, journal or systemd are away, refuse, or show more than they should.

namespace ccci::test {
namespace {

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

}  // namespace
}  // namespace ccci::test
