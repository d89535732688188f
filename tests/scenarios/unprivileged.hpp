#pragma once

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/process.hpp"
#include "base/text.hpp"
#include "locks/domain_lock.hpp"
#include "run/run_dir.hpp"
#include "support/drone_step.hpp"
#include "support/process_under_test.hpp"
#include "support/temp_dir.hpp"

namespace ccci::test {

/// A host as docs/operations.md has it made for a runner that is not root: a system user whose
/// manager lingers, and directories that are root's, for its group. Apps are files in a directory.
class Unprivileged : public testing::Test {
protected:
    static constexpr const char* k_domain = "demo-0a1b2c.ci.localhost";
    static constexpr const char* k_user = "ccci-runner";
    static constexpr const char* k_locks = "/run/lock/cc-ci";
    static constexpr const char* k_runs = "/var/lib/cc-ci-runs";
    static constexpr const char* k_apps = "/srv/apps";

    static void SetUpTestSuite() {
        if (std::getenv("CCCI_SANDBOX") == nullptr || ::getpwnam(k_user) != nullptr) {
            return;
        }
        (void)shell(fmt::format(
            "set -e; useradd --system --create-home --home-dir /var/lib/{0} {0}; "
            "loginctl enable-linger {0}; "
            "install -d -o root -g {0} -m 1770 {1}; install -d -o root -g {0} -m 1775 {2}; "
            "install -d -o root -g {0} -m 0775 {3}; mkdir -p /etc/cc-ci",
            k_user, k_locks, k_runs, k_apps));
        std::ofstream{"/etc/cc-ci/config.json"} << fmt::format(
            R"({{"lock_dir": "{0}", "platform": "command", "list_command": "ls {1}",)"
            R"( "teardown_command": "rm -f {1}/$CCCI_DOMAIN; echo torn down"}})",
            k_locks, k_apps);
    }

    void SetUp() override {
        if (std::getenv("CCCI_SANDBOX") == nullptr) {
            GTEST_SKIP() << "not in tests/sandbox/sandbox";
        }
        std::filesystem::permissions(dir_.path(), std::filesystem::perms{0755});
        start_manager();
    }

    void TearDown() override {
        const std::string left = processes_after("cc-ci");
        EXPECT_EQ(left, "");
        if (!left.empty()) {
            // The next test is not to fail for it, too.
            (void)shell(fmt::format("systemctl kill --signal=KILL {}; rm -f {}/*", manager_unit(),
                                    k_locks));
        }
        (void)shell(fmt::format("rm -f {}/*", k_apps));
    }

    static std::string shell(const std::string& command) {
        return std::string{base::trim(base::run_and_capture({.argv = {"sh", "-c", command}}).text)};
    }

    /// Those of the runner's user whose name has this in it, which may take a moment to be gone:
    /// the end of a unit comes after that of its step.
    static std::string processes_after(const std::string& name) {
        return shell(
            fmt::format("timeout 5 sh -c 'while pgrep -u {0} \"{1}\"; do sleep 0.02; done' "
                        ">/dev/null; pgrep -lu {0} '{1}'",
                        k_user, name));
    }

    static uid_t uid() { return ::getpwnam(k_user)->pw_uid; }
    static std::string manager_unit() { return fmt::format("user@{}.service", uid()); }
    static void start_manager() {
        // Tests start it more often in ten seconds than systemd lets them.
        ASSERT_EQ(shell(fmt::format("systemctl reset-failed {0} 2>/dev/null; systemctl start {0}; "
                                    "systemctl is-active {0}",
                                    manager_unit())),
                  "active");
    }

    /// What goes before a command line to have the runner's user, or nobody, execute it.
    static std::vector<std::string> as_runner() {
        const passwd* user = ::getpwnam(k_user);
        return {"setpriv", fmt::format("--reuid={}", user->pw_uid),
                fmt::format("--regid={}", user->pw_gid), "--init-groups"};
    }
    static std::vector<std::string> as_nobody() {
        return {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
    }

    struct Said {
        int code;
        std::string text;
    };
    /// A command to its end.
    static Said say(std::vector<std::string> who, const std::vector<std::string>& argv) {
        who.insert(who.end(), argv.begin(), argv.end());
        ProcessUnderTest process{std::move(who)};
        const int code = process.exit_code();
        return {code, process.output()};
    }
    static Said by_root(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), CCCI_PROGRAM);
        return say({}, arguments);
    }
    static Said by_runner(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), CCCI_PROGRAM);
        return say(as_runner(), arguments);
    }

    /// A step of the runner with one command: "cc-ci run" with these options, and this script.
    DroneStep step(const std::string& id, const std::string& options,
                   const std::string& script) const {
        return DroneStep{dir_.path() / "drone",
                         {fmt::format("{} run {} -- sh -c \"{}\"", CCCI_PROGRAM, options, script)},
                         {"DRONE_BUILD_NUMBER=" + id, std::string{"USER="} + k_user},
                         as_runner()};
    }
    /// One that deploys the app of the domain, and stays.
    DroneStep deploying_step(const std::string& id, const std::string& options = "") const {
        return step(id, fmt::format("--domain {} {}", k_domain, options),
                    fmt::format("touch {}/{}; echo job is here; sleep 1000", k_apps, k_domain));
    }
    /// Not the runner's echo of the command: the job's own line.
    static bool is_here(DroneStep& drone) { return drone.shell().wait_for("\njob is here\n"); }

    static std::optional<run::Record> record(const std::string& id) {
        return run::RunDir::open(std::filesystem::path{k_runs} / id).read();
    }
    static std::filesystem::path app() { return std::filesystem::path{k_apps} / k_domain; }
    static std::filesystem::path lock_file() { return locks::lock_path(k_locks, k_domain); }

    static void expect_nothing_left() {
        EXPECT_FALSE(std::filesystem::exists(app()));
        EXPECT_EQ(shell(fmt::format("ls {}", k_locks)), "") << "a lock file";
        EXPECT_EQ(processes_after("sleep"), "");
    }

    TempDir dir_;
};

}  // namespace ccci::test
