#include "platform/command_platform.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "base/files.hpp"
#include "base/text.hpp"
#include "platform/bounded_command.hpp"
#include "run/usage_error.hpp"
#include "support/temp_dir.hpp"

namespace ccci::platform {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

const run::RunAppPattern k_pattern = run::RunAppPattern::for_base_domain("ci.example.net");

TEST(ParseListingTest, TakesRunAppsAndRemarksOnWhatIsNoDomain) {
    const Listing listing = parse_listing(
        "immi-ad3e33.ci.example.net\n  a-000000.ci.example.net \r\n\nimmi-ad3e33.ci.example.net\n"
        "traefik.example.net\nerror: cannot list\n../../etc\n\x1b[2Ja\nlast",
        k_pattern);

    ASSERT_EQ(listing.apps.size(), 2U);
    EXPECT_EQ(listing.apps[0].domain, "immi-ad3e33.ci.example.net");
    EXPECT_EQ(listing.apps[1].domain, "a-000000.ci.example.net");
    EXPECT_EQ(listing.invalid,
              (std::vector<std::string>{"error: cannot list", "../../etc", "\\x1b[2Ja", "last"}));
}

class CommandPlatformTest : public testing::Test {
protected:
    CommandPlatform platform(const std::string& list, const std::string& teardown) {
        run::Config config;
        config.list_command = list;
        config.teardown_command = teardown;
        config.command_timeout = timeout_;
        return CommandPlatform{config};
    }

    std::string error_of_list(const std::string& command) {
        try {
            (void)platform(command, "").list(k_pattern);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "no error";
    }

    TeardownReport tear_down(const std::string& command, milliseconds span = 10s) {
        return platform("", command)
            .teardown("a-000000.ci.example.net", steady_clock::now() + span);
    }

    /// True when the process whose id is in the file has ended. The kernel ends a killed group's
    /// members one after the other, so this waits for it.
    bool has_ended(const std::filesystem::path& pid_file) {
        const pid_t pid = std::stoi(base::try_read_file(pid_file).value_or("0"));
        const auto until = steady_clock::now() + 5s;
        while (::kill(pid, 0) == 0 && steady_clock::now() < until) {
            const auto state = base::try_read_file("/proc/" + std::to_string(pid) + "/stat");
            if (state && state->find(") Z ") != std::string::npos) {
                return true;
            }
        }
        return pid > 0 && ::kill(pid, 0) != 0;
    }

    test::TempDir dir_;
    std::chrono::microseconds timeout_ = 10s;
};

TEST_F(CommandPlatformTest, ListsWhatTheCommandPrints) {
    EXPECT_EQ(platform("echo a-000000.ci.example.net; echo nonsense", "").list(k_pattern).size(),
              1U);
}

TEST_F(CommandPlatformTest, DoesNotBelieveAListingThatFailed) {
    EXPECT_EQ(error_of_list("echo a-000000.ci.example.net; exit 3"),
              "list apps: list_command failed: exit 3");
    EXPECT_EQ(error_of_list("kill -9 $$"), "list apps: list_command failed: signal 9 (Killed)");
}

// Case 18.
TEST_F(CommandPlatformTest, KillsAListingThatHangs) {
    timeout_ = 100ms;

    EXPECT_EQ(error_of_list("while :; do echo a-000000.ci.example.net; done"),
              "list apps: list_command was killed after 100ms");
}

TEST_F(CommandPlatformTest, TearsDownWithTheDomainInTheEnvironment) {
    const std::filesystem::path file = dir_.path() / "domain";

    const TeardownReport report = tear_down("echo $CCCI_DOMAIN >" + file.native());

    EXPECT_TRUE(report.clean());
    EXPECT_EQ(base::try_read_file(file), "a-000000.ci.example.net\n");
}

TEST_F(CommandPlatformTest, ReportsATeardownThatFailed) {
    EXPECT_EQ(
        tear_down("exit 1").left,
        (std::vector<std::string>{"app a-000000.ci.example.net: teardown_command failed: exit 1"}));
}

// Case 19.
TEST_F(CommandPlatformTest, KillsTheWholeGroupOfATeardownThatHangs) {
    const std::filesystem::path file = dir_.path() / "pid";
    const auto begin = steady_clock::now();

    const TeardownReport report =
        tear_down("trap '' TERM; sleep 60 & echo $! >" + file.native() + "; wait", 200ms);

    EXPECT_LT(steady_clock::now() - begin, 5s);
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_TRUE(report.left[0].starts_with(
        "app a-000000.ci.example.net: teardown_command was killed after "));
    EXPECT_TRUE(has_ended(file));
}

TEST_F(CommandPlatformTest, DoesNotWaitForWhatATeardownLeavesBehind) {
    const std::filesystem::path file = dir_.path() / "pid";
    const auto begin = steady_clock::now();

    EXPECT_TRUE(tear_down("sleep 60 & echo $! >" + file.native()).clean());

    EXPECT_LT(steady_clock::now() - begin, 5s);
    const pid_t pid = std::stoi(base::try_read_file(file).value_or("0"));
    ASSERT_GT(pid, 1);
    EXPECT_EQ(::kill(pid, SIGKILL), 0) << "it was killed, too";
}

TEST_F(CommandPlatformTest, NeverRunsTheCommandForWhatIsNoDomain) {
    const std::filesystem::path file = dir_.path() / "ran";

    EXPECT_THROW(
        (void)platform("", "touch " + file.native()).teardown("a;b", steady_clock::now() + 1s),
        run::UsageError);
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(RunBoundedTest, HandsOnAllOutputInOrder) {
    std::string output;

    const auto status =
        run_bounded({.argv = {"/bin/sh", "-c", "seq 100000; echo end >&2"}},
                    steady_clock::now() + 60s, [&](std::string_view part) { output += part; });

    ASSERT_TRUE(status);
    EXPECT_TRUE(status->success());
    EXPECT_EQ(output.size(), 588895U + 4U);
    EXPECT_TRUE(output.ends_with("99999\n100000\nend\n"));
}

TEST(RunBoundedTest, RunsSeveralAtATime) {
    std::map<std::size_t, std::string> output;
    // Each one ends only when the other has begun.
    const test::TempDir dir;
    const std::string fifo = (dir.path() / "fifo").native();
    const auto ends = run_all_bounded(
        {{.argv = {"/bin/sh", "-c",
                   "mkfifo " + fifo + ".2; mkfifo " + fifo + ".1; echo a >" + fifo + ".1; cat " +
                       fifo + ".2"}},
         {.argv = {"/bin/sh", "-c",
                   "until [ -p " + fifo + ".1 ]; do :; done; cat " + fifo + ".1; echo b >" + fifo +
                       ".2; exit 3"}}},
        steady_clock::now() + 10s,
        {.on_output = [&](std::size_t at, std::string_view part) { output[at] += part; }});

    ASSERT_EQ(ends.size(), 2U);
    EXPECT_EQ(ends[0], (base::ExitStatus{.code = 0, .signal = 0}));
    EXPECT_EQ(ends[1], (base::ExitStatus{.code = 3, .signal = 0}));
    EXPECT_EQ(output[0], "b\n");
    EXPECT_EQ(output[1], "a\n");
}

TEST(RunBoundedTest, RunsNoMoreAtATimeThanItMayAndSaysWhenOneIsOver) {
    const test::TempDir dir;
    // A directory can be made once: whoever finds it there is not alone.
    const std::string alone =
        fmt::format("mkdir {0}/one || exit 1; echo x; rmdir {0}/one", dir.path().native());
    const std::vector<base::Command> commands(5, {.argv = {"/bin/sh", "-c", alone}});
    std::vector<std::size_t> over;
    std::map<std::size_t, std::string> output;

    const auto ends = run_all_bounded(
        commands, steady_clock::now() + 60s,
        {.on_output = [&](std::size_t at, std::string_view part) { output[at] += part; },
         .on_end =
             [&](std::size_t at) {
                 EXPECT_EQ(output[at], "x\n");
                 over.push_back(at);
             }},
        1);

    EXPECT_EQ(over, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
    EXPECT_EQ(ends, (std::vector<std::optional<base::ExitStatus>>(5, base::ExitStatus{})));
}

TEST(RunBoundedTest, DoesNotStartWhatTimeKeptFromBeingStarted) {
    const auto ends = run_all_bounded({{.argv = {"/bin/sleep", "1000"}}, {.argv = {"/bin/true"}}},
                                      steady_clock::now() + 100ms,
                                      {.on_output = [](std::size_t, std::string_view) {}}, 1);

    EXPECT_EQ(ends, (std::vector<std::optional<base::ExitStatus>>(2, std::nullopt)));
}

TEST(RunBoundedTest, SaysWhatCannotBeExecuted) {
    EXPECT_THROW((void)run_bounded({.argv = {"/no/such/program"}}, steady_clock::now() + 1s,
                                   [](std::string_view) {}),
                 std::runtime_error);
}

}  // namespace
}  // namespace ccci::platform
