#include "scenarios/doctor_scenario.hpp"

// What only a systemd has; and a systemd that somebody has configured so that it does not keep its
// promises.

namespace ccci::test {
namespace {

class DoctorSystemdTest : public DoctorScenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        if (std::getenv("CCCI_SANDBOX") == nullptr) {
            GTEST_SKIP() << "not in tests/sandbox/sandbox";
        }
        ::setenv("CCCI_APP_LOCK_DIR", "/run/lock", 1);
        // The units as they are installed.
        (void)shell("cd " CCCI_SOURCE_DIR
                    "/src/packaging/units; "
                    "cp *.timer *.slice /etc/systemd/system/; for unit in *.service.in; do "
                    "sed 's,@program@," CCCI_PROGRAM
                    ",' $unit >/etc/systemd/system/${unit%.in}; "
                    "done; systemctl daemon-reload; systemctl enable --now cc-ci-prune.timer");
    }

    void TearDown() override {
        EXPECT_EQ(shell("systemctl list-units --all --plain --no-legend 'cc-ci-run-*'"), "");
        EXPECT_EQ(shell("ls -d /run/cc-ci-doctor.* 2>/dev/null"), "");
    }

    /// With this in the drop-in of every run's unit.
    Checks examine_with(const std::string& setting) {
        (void)shell(
            fmt::format("d=/run/systemd/system/cc-ci-run-.service.d; mkdir -p $d; "
                        "printf '[Service]\\n{}\\n' >$d/x.conf; systemctl daemon-reload",
                        setting));
        Checks checks = examine({});
        (void)shell("rm -r /run/systemd/system/cc-ci-run-.service.d; systemctl daemon-reload");
        return checks;
    }
};

TEST_F(DoctorSystemdTest, FindsAHealthyHostWell) {
    const Checks checks = examine({});

    EXPECT_EQ(report_.at("counts").at("failed"), 0) << report_.dump(2);
    for (const char* name : {"systemd", "manager", "cgroup", "programs", "lock-dir", "runs-dir",
                             "journal", "runs", "timer.prune", "self-test.pinning",
                             "self-test.deadline", "self-test.kill", "self-test.nothing-left"}) {
        EXPECT_EQ(status(checks, name), "ok") << name;
    }
}

TEST_F(DoctorSystemdTest, ItsFixesMendTimersAndTheJournal) {
    expect_mended("timer.prune", "warning", "systemctl disable --now cc-ci-prune.timer");
    const Checks before = examine();
    ASSERT_EQ(status(before, "journal.storage"), "warning");
    (void)shell(before.at("journal.storage").at("fix").at("text"));
    const Checks after = examine();
    EXPECT_EQ(status(after, "journal.storage"), "ok") << after.at("journal.storage");
}

TEST_F(DoctorSystemdTest, FailsWhereADropInTakesTheDeadlineAway) {
    const Checks checks = examine_with("RuntimeMaxSec=infinity");

    EXPECT_EQ(status(checks, "self-test.deadline"), "failed");
    EXPECT_EQ(status(checks, "self-test.kill"), "ok") << checks.at("self-test.kill");
    EXPECT_EQ(status(checks, "self-test.nothing-left"), "ok");
}

TEST_F(DoctorSystemdTest, FailsWhereADropInTakesTheLastTeardownAway) {
    const Checks checks = examine_with("ExecStopPost=");

    EXPECT_EQ(status(checks, "self-test.pinning"), "failed");
    EXPECT_EQ(status(checks, "self-test.nothing-left"), "ok");
}

TEST_F(DoctorSystemdTest, LeavesNothingWhenItIsInterrupted) {
    ProcessUnderTest doctor{{CCCI_PROGRAM, "doctor", "--json"}, {}, true};
    (void)shell(
        "timeout 60 sh -c 'until systemctl list-units --plain --no-legend "
        "\"cc-ci-run-doctor-*\" | grep -q .; do sleep 0.02; done'");
    doctor.kill(SIGINT);

    EXPECT_NE(doctor.exit_code(), -1);
    EXPECT_NE(doctor.output().find("\"interrupted\": true"), std::string::npos)
        << doctor.output() << doctor.errors();
}

TEST_F(DoctorSystemdTest, LeavesNoUnitWhenItIsKilled) {
    {
        ProcessUnderTest doctor{{CCCI_PROGRAM, "doctor", "--json"}, {}, true};
        (void)shell(
            "timeout 60 sh -c 'until systemctl list-units --plain --no-legend "
            "\"cc-ci-run-doctor-*\" | grep -q .; do sleep 0.02; done'");
        doctor.kill(SIGKILL);
    }
    (void)shell(
        "timeout 60 sh -c 'while systemctl list-units --all --plain --no-legend "
        "\"cc-ci-run-doctor-*\" | grep -q .; do sleep 0.05; done'");

    // And the next one removes its files.
    EXPECT_EQ(status(examine({}), "self-test.nothing-left"), "ok");
}

TEST_F(DoctorSystemdTest, TriesTheManagerOfAUserWhoLingers) {
    const std::string output = shell(
        "useradd --create-home lingering 2>/dev/null; loginctl enable-linger lingering; cd /; "
        "timeout 60 sh -c 'until [ -S /run/user/$(id -u lingering)/bus ]; do sleep 0.05; done'; "
        "setpriv --reuid=lingering --regid=lingering --init-groups env -u CCCI_APP_LOCK_DIR "
        "CCCI_RUNS_DIR=/home/lingering/runs " CCCI_PROGRAM " doctor --json");

    const auto report = nlohmann::json::parse(output, nullptr, false);
    ASSERT_FALSE(report.is_discarded()) << output;
    Checks checks;
    for (const nlohmann::json& check : report.at("checks")) {
        checks.emplace(check.at("name"), check);
    }
    for (const char* name : {"manager", "self-test.pinning", "self-test.deadline", "self-test.kill",
                             "self-test.nothing-left"}) {
        EXPECT_EQ(status(checks, name), "ok") << checks.at(name);
    }
    EXPECT_EQ(status(checks, "user-manager.journal"), "warning");
    EXPECT_EQ(checks.at("user-manager.journal").at("fix").at("kind"), "configuration");
}

TEST_F(DoctorSystemdTest, LooksAtTheRunner) {
    EXPECT_EQ(status(examine(), "runner"), "skipped");
    (void)shell(
        "printf '[Service]\\nExecStart=sleep 1000\\nEnvironment=DRONE_RUNNER_CAPACITY=99 "
        "PATH=/usr/bin\\n' >/run/systemd/system/drone-runner-exec.service; "
        "systemctl daemon-reload; systemctl start drone-runner-exec.service");

    const Checks checks = examine();

    EXPECT_EQ(status(checks, "runner"), "ok");
    EXPECT_EQ(status(checks, "runner.stop"), "warning") << checks.at("runner.stop");
    EXPECT_EQ(status(checks, "runner.capacity"), "warning") << checks.at("runner.capacity");
    EXPECT_EQ(status(checks, "runner.path"), "failed") << checks.at("runner.path");
    (void)shell(
        "systemctl stop drone-runner-exec.service; "
        "rm /run/systemd/system/drone-runner-exec.service; systemctl daemon-reload");
}

TEST_F(DoctorSystemdTest, TellsAnUnprivilegedUserWhatItLacks) {
    const std::string output = shell(
        "useradd --create-home plain 2>/dev/null; cd /; "
        "setpriv --reuid=plain --regid=plain --init-groups env -u CCCI_APP_LOCK_DIR "
        "CCCI_RUNS_DIR=/home/plain/runs " CCCI_PROGRAM " doctor");

    EXPECT_NE(output.find("fix:  loginctl enable-linger plain"), std::string::npos) << output;
    EXPECT_NE(output.find("this user has no manager"), std::string::npos) << output;
}

}  // namespace
}  // namespace ccci::test
