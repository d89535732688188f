#include "platform/terminal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <optional>
#include <string>

#include "base/files.hpp"
#include "platform/bounded_command.hpp"
#include "support/forked_child.hpp"
#include "support/temp_dir.hpp"

namespace ccci::platform {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

struct End {
    std::optional<base::ExitStatus> status;
    std::string output;
};

End on_terminal(const std::string& script, std::chrono::milliseconds span = 30s) {
    End end;
    end.status = run_on_terminal({.argv = {"/bin/sh", "-c", script}}, steady_clock::now() + span,
                                 [&](std::string_view part) { end.output += part; });
    return end;
}

TEST(TerminalTest, IsThatOfTheProgram) {
    const End end = on_terminal(
        "test -t 0 && test -t 1 && test -t 2 && echo all; echo controlling >/dev/tty; "
        "stty size; exit 3");

    EXPECT_EQ(end.output, "all\ncontrolling\n50 200\n");
    EXPECT_EQ(end.status, (base::ExitStatus{.code = 3, .signal = 0}));
}

TEST(TerminalTest, HandsOnAllOutput) {
    const End end = on_terminal("seq 100000; printf '\\tend'");

    EXPECT_EQ(end.output.size(), 588895U + 4U);
    EXPECT_TRUE(end.output.ends_with("99999\n100000\n\tend"));
}

TEST(TerminalTest, IsLeftToWhatAProgramLeavesBehind) {
    const test::TempDir dir;
    const std::string file = (dir.path() / "pid").native();
    const auto begin = steady_clock::now();

    // setsid: what stays in the session gets a SIGHUP when its leader ends.
    const End end = on_terminal("setsid sleep 60 & echo $! >" + file + "; until test -s " + file +
                                "; do :; done");

    EXPECT_LT(steady_clock::now() - begin, 10s);
    EXPECT_EQ(end.status, base::ExitStatus{});
    (void)::kill(std::stoi(base::try_read_file(file).value_or("0")), SIGKILL);
}

TEST(TerminalTest, EndsWithItsTime) {
    const auto begin = steady_clock::now();

    const End end = on_terminal("trap '' TERM HUP; while :; do echo busy; done", 200ms);

    EXPECT_EQ(end.status, std::nullopt);
    EXPECT_TRUE(end.output.starts_with("busy\n"));
    EXPECT_LT(steady_clock::now() - begin, 10s);
}

TEST(TerminalTest, DiesWithUs) {
    const test::TempDir dir;
    const std::string file = (dir.path() / "pid").native();
    {
        const test::BackgroundChild runner{[&]() -> int {
            (void)on_terminal("trap '' HUP; echo $$ >" + file + "; exec sleep 60");
            return 0;
        }};
        ASSERT_TRUE(test::eventually([&] { return base::try_read_file(file).value_or("") != ""; }));
    }

    const std::string pid = std::to_string(std::stoi(base::try_read_file(file).value_or("0")));
    EXPECT_TRUE(test::eventually([&] {
        const auto stat = base::try_read_file("/proc/" + pid + "/stat");
        return !stat || stat->find(") Z ") != std::string::npos;
    }));
}

TEST(TerminalTest, IsCloseOnExec) {
    const auto [ours, theirs] = make_terminal();

    EXPECT_NE(::fcntl(ours.get(), F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_NE(::fcntl(theirs.get(), F_GETFD) & FD_CLOEXEC, 0);
}

}  // namespace
}  // namespace ccci::platform
