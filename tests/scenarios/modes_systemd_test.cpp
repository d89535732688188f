#include <fmt/format.h>

#include <chrono>

#include "scenarios/systemd_scenario.hpp"

// The other ways in which systemd carries a run: detached, in a scope, limited, as a user.

namespace ccci::test {
namespace {

using namespace std::chrono_literals;

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

}  // namespace
}  // namespace ccci::test
