#include <sys/stat.h>

#include "janitor/janitor_test.hpp"
#include "support/forked_child.hpp"

// A platform of commands, which start others.

namespace ccci::janitor {
namespace {

using namespace std::chrono_literals;

/// The operator's own commands, which start others.
class JanitorCommandTest : public JanitorTest {
protected:
    JanitorCommandTest() {
        config_.platform = run::PlatformKind::command;
        config_.list_command = std::string{"echo "} + k_a;
        config_.command_timeout = 1min;
        ::setenv("DIRECTORY", dir_.path().c_str(), 1);
        for (const fs::path& fifo : {started_, end_}) {
            (void)::mkfifo(fifo.c_str(), 0600);
        }
    }

    Pass pass() {
        return make_pass(config_, platform::make_platform(config_).get(), {},
                         [](const Outcome&) {});
    }

    /// Blocks until somebody has written there.
    static void read_to_end(const fs::path& fifo) {
        (void)base::read_all(base::open_file(fifo, O_RDONLY).get(), fifo.native());
    }

    fs::path started_ = dir_.path() / "started";
    fs::path end_ = dir_.path() / "end";
};

// Case 19: the command dies with the janitor, but what it started does not, and goes on removing.
// Breaking it: without share_with_programs() the next run has the lock at once.
TEST_F(JanitorCommandTest, KeepsTheLockForWhatAKilledJanitorStarted) {
    config_.teardown_command = "(echo x >$DIRECTORY/started; read x <$DIRECTORY/end) & wait";
    test::BackgroundChild janitor{[&] { return pass().is_complete() ? 0 : 1; }};
    read_to_end(started_);

    janitor.signal(SIGKILL);
    (void)janitor.wait();

    EXPECT_TRUE(is_held(k_a));
    { const base::UniqueFd end = base::open_file(end_, O_WRONLY); }
    EXPECT_TRUE(test::eventually([&] { return !is_held(k_a); }));
}

TEST_F(JanitorCommandTest, GivesTheLockBackWhateverItsTeardownLeftRunning) {
    for (const int code : {0, 1}) {
        config_.teardown_command =
            fmt::format("sleep 1000 >/dev/null & echo $! >$DIRECTORY/pid; exit {}", code);

        EXPECT_EQ(pass().is_complete(), code == 0);

        EXPECT_FALSE(is_held(k_a)) << code;
        const pid_t pid = std::stoi(base::try_read_file(dir_.path() / "pid").value_or("0"));
        ASSERT_GT(pid, 1);
        EXPECT_EQ(::kill(pid, SIGKILL), 0) << "it was to live on";
        fs::remove(lock_file(k_a));
    }
}

}  // namespace
}  // namespace ccci::janitor
