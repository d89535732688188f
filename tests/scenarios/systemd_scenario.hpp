#pragma once

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "scenarios/scenario.hpp"

namespace ccci::test {

/// What systemd adds: the pinned lock, the unit, ExecStopPost, the journal.
class SystemdTest : public Scenario {
protected:
    static std::string shell(const std::string& command) {
        return std::string{base::trim(base::run_and_capture({.argv = {"sh", "-c", command}}).text)};
    }

    static std::string property(const std::string& unit, const std::string& name) {
        return shell(fmt::format("systemctl show --value -p {} {}", name, unit));
    }

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

}  // namespace ccci::test
