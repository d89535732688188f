#include "scenarios/doctor_scenario.hpp"

// A host without systemd and without Docker: what cannot be seen is said, and no more.

namespace ccci::test {
namespace {

class DoctorTest : public DoctorScenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        if (std::filesystem::exists("/run/systemd/system")) {
            GTEST_SKIP() << "systemd runs this host";
        }
    }
};

TEST_F(DoctorTest, SaysWhatItCannotSeeAndGoesOn) {
    const Checks checks = examine();

    EXPECT_EQ(status(checks, "systemd"), "warning");
    EXPECT_EQ(status(checks, "manager"), "skipped");
    EXPECT_EQ(status(checks, "journal"), "skipped");
    EXPECT_EQ(status(checks, "docker"), "skipped");
    EXPECT_EQ(status(checks, "runner"), "skipped");
    EXPECT_EQ(status(checks, "kernel"), "ok") << checks.at("kernel");
    EXPECT_EQ(status(checks, "programs"), "ok") << checks.at("programs");
    EXPECT_EQ(report_.at("counts").at("failed"), 0) << report_;
}

TEST_F(DoctorTest, TestsItselfWithoutSystemdToo) {
    const Checks checks = examine({});

    for (const char* name :
         {"self-test.pinning", "self-test.deadline", "self-test.kill", "self-test.nothing-left"}) {
        EXPECT_EQ(status(checks, name), "ok") << checks.at(name);
    }
}

TEST_F(DoctorTest, NamesWhereEachValueCameFrom) {
    (void)examine();
    for (const nlohmann::json& setting : report_.at("configuration")) {
        if (setting.at("key") == "lock_dir") {
            EXPECT_EQ(setting.at("origin"), "CCCI_APP_LOCK_DIR");
            EXPECT_EQ(setting.at("value"), locks_.native());
        }
        if (setting.at("key") == "deadline") {
            EXPECT_EQ(setting.at("origin"), "default");
        }
    }
}

TEST_F(DoctorTest, ItsFixesMendDirectoriesLocksAndRuns) {
    const std::string locks = locks_.native();
    expect_mended("lock-dir", "failed", "rmdir " + locks);
    expect_mended("lock-dir", "failed", "chmod 0777 " + locks);
    expect_mended("lock-files", "failed", "mkdir " + locks + "/cc-ci-app-a.example.net.lock");
    // What a run leaves that was killed together with its step and its teardown.
    expect_mended("lock-files.stale", "warning",
                  "f=" + locks +
                      "/cc-ci-app-b.example.net.lock; umask 077; "
                      "echo '{\"run\":\"7\",\"since\":\"2026-01-01T00:00:00Z\"}' >$f");
    ProcessUnderTest run{run_argv({"--run-id", "7"}, "true")};
    ASSERT_EQ(run.exit_code(), 0);
    expect_mended("runs", "warning",
                  "sed -i 's/\"ended\"/\"running\"/' " + (runs_ / "7" / "run.json").native());
}

TEST_F(DoctorTest, FailsForADockerThatIsNotThere) {
    const std::filesystem::path file = dir_.path() / "config.json";
    std::ofstream{file} << R"({"platform": "swarm", "docker_socket": "/nonexistent/docker.sock"})";

    const Checks checks = examine({"--no-self-test", "--config", file});

    EXPECT_EQ(status(checks, "docker"), "failed");
    EXPECT_EQ(status(checks, "swarm"), "skipped");
    EXPECT_EQ(status(checks, "orphans"), "skipped") << checks.at("orphans");
    EXPECT_EQ(status(checks, "tool.git"), "ok") << checks.at("tool.git");
}

TEST_F(DoctorTest, DoesNotWaitForAProgramThatHangs) {
    std::ofstream{dir_.path() / "abra"} << "#!/bin/sh\nexec sleep 60\n";
    std::filesystem::permissions(dir_.path() / "abra", std::filesystem::perms::owner_all);
    const std::filesystem::path file = dir_.path() / "config.json";
    std::ofstream{file} << fmt::format(
        R"({{"platform": "abra", "abra_command": "{}/abra", "docker_socket": "/nonexistent"}})",
        dir_.path().native());

    const auto began = std::chrono::steady_clock::now();
    const Checks checks = examine({"--no-self-test", "--config", file});

    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{50});
    EXPECT_EQ(status(checks, "tool.abra"), "failed");
}

TEST_F(DoctorTest, LeavesNothingWhenItIsInterrupted) {
    const std::string count =
        "ls -d /run/cc-ci-doctor.* /run/user/*/cc-ci-doctor.* "
        "/tmp/cc-ci-doctor.* 2>/dev/null | wc -l";
    const std::string before = shell(count);
    ProcessUnderTest doctor{{CCCI_PROGRAM, "doctor", "--json"}, {}, true};
    // In the middle of its runs, as their directory tells.
    (void)shell("until [ $(" + count + ") -gt " + before + " ]; do sleep 0.02; done");
    doctor.kill(SIGINT);

    EXPECT_NE(doctor.exit_code(), -1);
    const auto report = nlohmann::json::parse(doctor.output(), nullptr, false);
    ASSERT_FALSE(report.is_discarded()) << doctor.output() << doctor.errors();
    EXPECT_EQ(report.at("interrupted"), true);
    EXPECT_EQ(shell(count), before);
    EXPECT_EQ(shell("pgrep -f 'sleep 6[0].*doctor' | wc -l"), "0");
}

}  // namespace
}  // namespace ccci::test
