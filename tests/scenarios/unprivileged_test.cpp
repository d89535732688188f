#include <fcntl.h>
#include <signal.h>

#include <chrono>

#include "scenarios/unprivileged.hpp"

// A runner that is not root, in its own manager (docs/decisions/005): what holds for root's runs
// holds for its runs, too.

namespace ccci::test {
namespace {

namespace fs = std::filesystem;

class UnprivilegedTest : public Unprivileged {
protected:
    static pid_t harness(const std::string& id) { return record(id)->harness->pid; }
};

// Case 35.
TEST_F(UnprivilegedTest, ExitsAsTheJobDoesFromItsOwnManager) {
    const std::vector<std::pair<std::string, int>> table{
        {"true", 0}, {"exit 7", 7}, {"exit 78", 1}};
    for (const auto& [script, code] : table) {
        DroneStep drone =
            step("35", fmt::format("--domain {}", k_domain), "cat /proc/self/cgroup; " + script);

        EXPECT_EQ(drone.shell().exit_code(), code) << drone.shell().output();
        EXPECT_NE(drone.shell().output().find(
                      fmt::format("/{}/cc.slice/cc-ci.slice/cc-ci-run-35", manager_unit())),
                  std::string::npos)
            << drone.shell().output();
        expect_nothing_left();
    }
    EXPECT_EQ(record("35")->manager, "user");
}

// Case 30.
TEST_F(UnprivilegedTest, IsCancelledByTheKillOfItsShell) {
    DroneStep drone = deploying_step("30");
    ASSERT_TRUE(is_here(drone)) << drone.shell().output();

    drone.cancel();

    EXPECT_EQ(drone.shell().exit_code(), 137);
    EXPECT_NE(drone.shell().output().find("the step's shell is gone"), std::string::npos)
        << drone.shell().output();
    EXPECT_EQ(record("30")->verdict->kind, run::VerdictKind::cancelled);
    EXPECT_EQ(record("30")->clean, true);
    expect_nothing_left();
}

// Case 34.
TEST_F(UnprivilegedTest, HasTheDeadlineFromItsManager) {
    DroneStep drone = deploying_step("34", "--deadline 1s");

    EXPECT_EQ(drone.shell().exit_code(), 142) << drone.shell().output();
    expect_nothing_left();
}

// Case 32.
TEST_F(UnprivilegedTest, IsTornDownByExecStopPostWhenTheHarnessIsKilled) {
    DroneStep drone = deploying_step("32");
    ASSERT_TRUE(is_here(drone)) << drone.shell().output();

    ASSERT_EQ(::kill(harness("32"), SIGKILL), 0);

    EXPECT_EQ(drone.shell().exit_code(), 137) << drone.shell().output();
    EXPECT_EQ(record("32")->clean, true);
    expect_nothing_left();
}

TEST_F(UnprivilegedTest, IsTornDownWhenItsManagerIsStopped) {
    for (const char* verb : {"stop", "restart"}) {
        start_manager();
        DroneStep drone = deploying_step(verb);
        ASSERT_TRUE(is_here(drone)) << drone.shell().output();

        EXPECT_EQ(shell(fmt::format("systemctl {} {}; echo $?", verb, manager_unit())), "0");

        EXPECT_EQ(drone.shell().exit_code(), 143) << drone.shell().output();
        expect_nothing_left();
    }
}

TEST_F(UnprivilegedTest, IsTornDownWhenTheUserLingersNoMore) {
    // logind gives a user ten seconds to come back.
    (void)shell(
        "mkdir -p /etc/systemd/logind.conf.d; printf '[Login]\\nUserStopDelaySec=0\\n' "
        ">/etc/systemd/logind.conf.d/test.conf; systemctl restart systemd-logind");
    DroneStep drone = deploying_step("99");
    ASSERT_TRUE(is_here(drone)) << drone.shell().output();

    EXPECT_EQ(shell(fmt::format("loginctl disable-linger {}", k_user)), "");

    EXPECT_EQ(drone.shell().exit_code(), 143) << drone.shell().output();
    expect_nothing_left();
    EXPECT_EQ(shell(fmt::format("loginctl enable-linger {}", k_user)), "");
}

// Case 36.
TEST_F(UnprivilegedTest, OutlivesAReexecOfItsManagerAndRestartsAroundIt) {
    ASSERT_EQ(shell("mkfifo -m 666 /srv/go"), "");
    DroneStep drone = step("36", fmt::format("--domain {}", k_domain),
                           "echo job is here; cat /srv/go; echo last line");
    ASSERT_TRUE(is_here(drone)) << drone.shell().output();

    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"daemon-reexec"}, {"daemon-reload"}, {"restart", "dbus.service"}}) {
        std::vector<std::string> argv{"env", fmt::format("XDG_RUNTIME_DIR=/run/user/{}", uid()),
                                      "systemctl", "--user"};
        argv.insert(argv.end(), command.begin(), command.end());
        const Said said = say(as_runner(), argv);
        EXPECT_EQ(said.code, 0) << command.front() << "\n" << said.text;
    }
    EXPECT_EQ(shell("systemctl restart systemd-logind; echo $?"), "0");
    EXPECT_TRUE(fs::exists(lock_file()));
    std::ofstream{"/srv/go"} << "";

    EXPECT_EQ(drone.shell().exit_code(), 0) << drone.shell().output();
    EXPECT_NE(drone.shell().output().find("\nlast line\n"), std::string::npos)
        << drone.shell().output();
    EXPECT_EQ(shell("rm /srv/go"), "");
    expect_nothing_left();
}

// Case 11, 32. Nobody is left who could tear down, but root's janitor is.
TEST_F(UnprivilegedTest, LeavesToTheJanitorWhatTheDeathOfItsManagerLeft) {
    DroneStep drone = deploying_step("11");
    ASSERT_TRUE(is_here(drone)) << drone.shell().output();

    EXPECT_EQ(shell(fmt::format("systemctl kill --signal=KILL {}; echo $?", manager_unit())), "0");

    EXPECT_EQ(drone.shell().exit_code(), 137) << drone.shell().output();
    EXPECT_NE(drone.shell().output().find("TEARDOWN INCOMPLETE"), std::string::npos)
        << drone.shell().output();
    EXPECT_NE(drone.shell().output().find("journalctl --user-unit cc-ci-run-11.service"),
              std::string::npos)
        << drone.shell().output();
    EXPECT_EQ(processes_after(""), "");
    EXPECT_TRUE(fs::exists(app()));
    EXPECT_TRUE(fs::exists(lock_file())) << "the mark of an orphan";

    const Said pass = by_root({"janitor"});
    EXPECT_EQ(pass.code, 0) << pass.text;
    expect_nothing_left();
}

// Case 12.
TEST_F(UnprivilegedTest, IsLeftAloneByEveryJanitorWhileItLives) {
    DroneStep drone = deploying_step("12");
    ASSERT_TRUE(is_here(drone)) << drone.shell().output();

    for (const Said& pass : {by_root({"janitor"}), by_root({"janitor", "--dry-run"}),
                             by_runner({"janitor"}), by_runner({"janitor", "--dry-run"})}) {
        EXPECT_EQ(pass.code, 0) << pass.text;
        EXPECT_NE(pass.text.find("run 12 has held it"), std::string::npos) << pass.text;
    }

    EXPECT_TRUE(fs::exists(app()));
    drone.cancel();
    EXPECT_EQ(drone.shell().exit_code(), 137);
    expect_nothing_left();
}

TEST_F(UnprivilegedTest, AsksItsOwnManagerForAPassOfTheJanitor) {
    const fs::path orphan = fs::path{k_apps} / "gone-0a1b2c.ci.localhost";
    std::ofstream{orphan} << "";

    DroneStep drone = deploying_step("13");
    ASSERT_TRUE(is_here(drone)) << drone.shell().output();

    EXPECT_EQ(shell(fmt::format("timeout 10 sh -c 'while test -e {}; do sleep 0.02; done'; echo $?",
                                orphan.native())),
              "0");
    EXPECT_TRUE(fs::exists(app()));
    drone.cancel();
    EXPECT_EQ(drone.shell().exit_code(), 137);
    expect_nothing_left();
}

TEST_F(UnprivilegedTest, IsRefusedRatherThanRunWithoutItsManager) {
    // The manager, which needs it, and with it the place of its socket.
    ASSERT_EQ(shell(fmt::format("systemctl stop user-runtime-dir@{}.service; echo $?", uid())),
              "0");

    DroneStep drone = deploying_step("14");

    EXPECT_EQ(drone.shell().exit_code(), 125) << drone.shell().output();
    EXPECT_NE(drone.shell().output().find("loginctl enable-linger ccci-runner"), std::string::npos)
        << drone.shell().output();
    EXPECT_FALSE(record("14"));
    expect_nothing_left();
}

TEST_F(UnprivilegedTest, HasTheLimitsThatAreDelegatedAndRefusesTheOthers) {
    const std::string cgroup =
        shell(fmt::format("systemctl show --value -p ControlGroup {}", manager_unit()));
    const bool delegated = shell(fmt::format("cat /sys/fs/cgroup/unified{0}/cgroup.controllers "
                                             "/sys/fs/cgroup{0}/cgroup.controllers 2>/dev/null",
                                             cgroup))
                               .find("memory") != std::string::npos;

    DroneStep drone = step("33", "--memory-max 64M",
                           "cat /sys/fs/cgroup/`cut -d: -f3 /proc/self/cgroup`/memory.max");

    EXPECT_EQ(drone.shell().exit_code(), delegated ? 0 : 125) << drone.shell().output();
    EXPECT_NE(drone.shell().output().find(delegated ? "67108864" : "has no cgroup v2 controller"),
              std::string::npos)
        << drone.shell().output();
}

}  // namespace
}  // namespace ccci::test
