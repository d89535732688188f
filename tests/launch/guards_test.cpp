#include "launch/guards.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "base/descendants.hpp"
#include "run/usage_error.hpp"
#include "support/forked_child.hpp"

namespace ccci::launch {
namespace {

struct Row {
    std::string what;
    Ancestry ancestry;
    bool orphan;
};

// Case 23.
TEST(IsOrphanTest, TellsWhoWasHandedToPid1OrToASubreaper) {
    const std::vector<Row> table{
        {"a shell's child",
         {.own_pid = 50, .own_session = 10, .parent = 40, .parent_session = 10},
         false},
        {"a shell's child, the shell leading the session",
         {.own_pid = 50, .own_session = 40, .parent = 40, .parent_session = 40},
         false},
        {"handed to PID 1",
         {.own_pid = 50, .own_session = 10, .parent = 1, .parent_session = 1},
         true},
        {"handed to a PID 1 that leads no session of its own",
         {.own_pid = 50, .own_session = 10, .parent = 1, .parent_session = 0},
         true},
        {"handed to PID 1 of a container that shares the session",
         {.own_pid = 50, .own_session = 1, .parent = 1, .parent_session = 1},
         true},
        {"handed to a subreaper",
         {.own_pid = 50, .own_session = 10, .parent = 5, .parent_session = 5},
         true},
        {"handed to one whose session is not to be seen",
         {.own_pid = 50, .own_session = 10, .parent = 5, .parent_session = 0},
         true},
        {"a service's main process",
         {.own_pid = 50,
          .own_session = 50,
          .parent = 1,
          .parent_session = 1,
          .systemd_exec_pid = 50},
         false},
        {"a service's main process that does not lead its session",
         {.own_pid = 50,
          .own_session = 10,
          .parent = 1,
          .parent_session = 1,
          .systemd_exec_pid = 50},
         false},
        {"a service's orphan, which has the variable, too",
         {.own_pid = 51,
          .own_session = 50,
          .parent = 1,
          .parent_session = 1,
          .systemd_exec_pid = 50},
         true},
        {"a service's grandchild",
         {.own_pid = 51,
          .own_session = 50,
          .parent = 50,
          .parent_session = 50,
          .systemd_exec_pid = 50},
         false},
        {"started with setsid by PID 1",
         {.own_pid = 50, .own_session = 50, .parent = 1, .parent_session = 1},
         false},
        {"started with setsid by a shell",
         {.own_pid = 50, .own_session = 50, .parent = 40, .parent_session = 10},
         false},
        {"a container's first process, its parent outside",
         {.own_pid = 1, .own_session = 1, .parent = 0, .parent_session = 0},
         false},
        {"entered into a container, its parent outside",
         {.own_pid = 50, .own_session = 0, .parent = 0, .parent_session = 0},
         false},
    };
    for (const Row& row : table) {
        EXPECT_EQ(is_orphan(row.ancestry), row.orphan) << row.what;
    }
}

/// The parent's life and death, as a child sees them.
class ParentTest : public testing::Test {
protected:
    /// Forks a child of a process of its own, the parent. The child calls `early` while the parent
    /// lives, and `late` when it is dead; the parent ends when `early` has returned. Returns what
    /// `late` returned.
    template <typename Early, typename Late>
    static int in_the_child_of_a_dying_parent(Early early, Late late) {
        const test::Pipe answer;
        test::BackgroundChild reaper{[&] {
            // In a session of its own, as PID 1 is.
            (void)::setsid();
            base::become_subreaper();
            auto parent = [&] {
                (void)::setsid();
                const test::Gate ready;
                const base::UniqueFd own{
                    static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0))};
                if (::fork() == 0) {
                    early();
                    ready.open();
                    // A pidfd tells of a death when the children have been handed on.
                    const int result =
                        test::becomes_readable(own.get()) ? static_cast<int>(late()) : -1;
                    (void)!::write(answer.write.get(), &result, sizeof result);
                    ::_exit(0);
                }
                ready.wait();
                return 0;
            };
            (void)base::fork_function(parent).wait();
            // Lives as long as the child that it was handed.
            while (::wait(nullptr) > 0) {
            }
            return 0;
        }};
        int result = -2;
        if (test::becomes_readable(answer.read.get())) {
            (void)!::read(answer.read.get(), &result, sizeof result);
        }
        return result;
    }
};

TEST_F(ParentTest, IsThereWhileItLives) {
    const base::ExitStatus status = test::run_in_child([] {
        const Parent parent = Parent::guard(::getppid());
        int signal = 0;
        (void)::prctl(PR_GET_PDEATHSIG, &signal);
        return signal == SIGTERM && !parent.is_gone() ? 0 : 1;
    });

    EXPECT_EQ(status, base::ExitStatus{});
}

// Case 22. Breaking it: without PR_SET_PDEATHSIG no signal ever comes.
TEST_F(ParentTest, SendsTermWhenItDies) {
    std::optional<Parent> parent;
    sigset_t term;
    (void)::sigemptyset(&term);
    (void)::sigaddset(&term, SIGTERM);

    const int result = in_the_child_of_a_dying_parent(
        [&] {
            (void)::sigprocmask(SIG_BLOCK, &term, nullptr);
            parent = Parent::guard(::getppid());
        },
        [&] {
            const timespec patience{.tv_sec = 20, .tv_nsec = 0};
            const bool told = ::sigtimedwait(&term, nullptr, &patience) == SIGTERM;
            return (told ? 1 : 0) + (parent->is_gone() ? 2 : 0);
        });

    EXPECT_EQ(result, 3);
}

// Case 23. Breaking it: without is_orphan() in Parent::guard() the run goes on for ever.
TEST_F(ParentTest, ThatWasDeadAtTheStartIsARefusal) {
    const int result = in_the_child_of_a_dying_parent([] {},
                                                      [] {
                                                          (void)::unsetenv("SYSTEMD_EXEC_PID");
                                                          try {
                                                              (void)Parent::guard(::getppid());
                                                              return 0;
                                                          } catch (const run::UsageError&) {
                                                              return 1;
                                                          }
                                                      });

    EXPECT_EQ(result, 1);
}

// Case 23. Breaking it: without the look at getppid() after the prctl.
TEST_F(ParentTest, ThatDiedBetweenTheStartAndTheGuardIsARefusal) {
    pid_t at_start = 0;

    const int result = in_the_child_of_a_dying_parent([&] { at_start = ::getppid(); },
                                                      [&] {
                                                          (void)::setsid();
                                                          try {
                                                              (void)Parent::guard(at_start);
                                                              return 0;
                                                          } catch (const run::UsageError&) {
                                                              return 1;
                                                          }
                                                      });

    EXPECT_EQ(result, 1);
}

TEST_F(ParentTest, MayBeNobodysConcern) {
    std::optional<Parent> parent;

    const int result = in_the_child_of_a_dying_parent([&] { parent = Parent::ignore(); },
                                                      [&] { return parent->is_gone() ? 1 : 0; });

    EXPECT_EQ(result, 0);
}

}  // namespace
}  // namespace ccci::launch
