#include "base/descendants.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "support/forked_child.hpp"
#include "support/spawned_program.hpp"

namespace ccci::base {
namespace {

bool contains(const std::vector<ProcessFacts>& processes, pid_t pid) {
    return std::ranges::any_of(processes, [&](const auto& one) { return one.pid == pid; });
}

pid_t read_pid(int fd) {
    pid_t pid = 0;
    if (::read(fd, &pid, sizeof pid) != sizeof pid) {
        throw std::runtime_error{"no pid was told"};
    }
    return pid;
}

/// Leaves a process behind as a daemon does: its parent is gone, its session is its own. Returns
/// once its parent is gone. Its pid comes through the pipe.
pid_t leave_a_daemon() {
    const auto [read_end, write_end] = make_pipe();
    auto between = [out = write_end.get()] {
        const pid_t daemon = ::fork();
        if (daemon == 0) {
            (void)::setsid();
            for (;;) {
                (void)::pause();
            }
        }
        return ::write(out, &daemon, sizeof daemon) == sizeof daemon ? 0 : 1;
    };
    if (!fork_function(between).wait().success()) {
        throw std::runtime_error{"no daemon was made"};
    }
    return read_pid(read_end.get());
}

TEST(ProcessFactsTest, AreWhatTheKernelSays) {
    const test::SpawnedProgram program{{"sleep", "60"}};

    const auto facts = process_facts(program.pid());

    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->pid, program.pid());
    EXPECT_EQ(facts->parent, ::getpid());
    EXPECT_EQ(facts->name, "sleep");
    EXPECT_GT(facts->start_ticks, 0U);
    EXPECT_EQ(command_line(program.pid()), "sleep 60");
}

TEST(ProcessFactsTest, SurviveAHostileName) {
    const test::ForkedChild child{[] { (void)::prctl(PR_SET_NAME, "x) R 1 (\n("); }};

    const auto facts = process_facts(child.pid());

    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->name, "x) R 1 (\n(");
    EXPECT_EQ(facts->parent, ::getpid());
}

/// The line of a process with these flags, this much memory, and these signals pending.
bool is_ending(const std::string& flags, const std::string& memory, const std::string& signals) {
    const std::string line = "4711 (x) S 42 4711 4711 0 -1 " + flags +
                             " 0 0 0 0 0 0 0 0 20 0 1 0 987654 " + memory +
                             " 100 18446744073709551615 1 2 3 0 0 " + signals + " 0 0 0 1 0 0";
    return parse_stat(4711, line).value().facts.ending;
}

TEST(ProcessFactsTest, TellWhoIsOnItsWayOut) {
    EXPECT_FALSE(is_ending("4194560", "2351104", "0"));
    EXPECT_FALSE(is_ending("4194560", "2351104", "16384"));  // a TERM that it does not take
    EXPECT_TRUE(is_ending("4194564", "2351104", "0"));       // it exits
    EXPECT_TRUE(is_ending("4194560", "0", "0"));             // and has given its memory back
    EXPECT_TRUE(is_ending("4194560", "2351104", "256"));     // it was killed
}

/// Those that look alive, twice, right after all of them were killed.
TEST(ProcessFactsTest, TakeNobodyForAliveWhoHasBeenKilled) {
    constexpr int k_processes = 200;
    auto family = [] {
        for (int i = 0; i < k_processes; ++i) {
            if (::fork() == 0) {
                for (;;) {
                    (void)::pause();
                }
            }
        }
        (void)::pause();
        return 0;
    };
    const test::SpawnedProgram outsider{{"sleep", "60"}};
    Child parent = fork_function(family);
    ASSERT_EQ(::setpgid(parent.pid(), parent.pid()), 0);
    while (descendants_of(parent.pid()).size() < k_processes) {
        (void)::sched_yield();
    }
    for (const ProcessFacts& process : descendants_of(parent.pid())) {
        EXPECT_FALSE(process.ending) << process.pid;
        (void)::kill(process.pid, SIGTERM);
    }

    std::vector<ProcessFacts> alive = descendants_of(parent.pid());
    std::erase_if(alive, [](const ProcessFacts& process) {
        const auto now = process_facts(process.pid);
        return process.ending || !now || now->ending;
    });

    EXPECT_EQ(alive.size(), 0U);
    EXPECT_FALSE(process_facts(outsider.pid()).value().ending);
    parent.kill(SIGKILL);
    (void)parent.wait();
}

TEST(ProcessFactsTest, AreNoneForNoProcess) {
    for (const pid_t pid : {0, -1, 1 << 30}) {
        EXPECT_FALSE(process_facts(pid)) << pid;
        EXPECT_EQ(command_line(pid), "[gone]");
    }
}

TEST(CommandLineTest, IsCutAndShowsNoControlCharacters) {
    const test::SpawnedProgram program{{"sleep", "\n60", std::string(500, '0')}};

    const std::string line = command_line(program.pid());

    EXPECT_EQ(line.substr(0, 15), "sleep \\x0a60 00");
    EXPECT_TRUE(line.ends_with("00..."));
}

TEST(IsAliveTest, WantsTheVeryProcess) {
    const test::SpawnedProgram program{{"sleep", "60"}};
    const std::uint64_t started = process_facts(program.pid())->start_ticks;

    EXPECT_TRUE(is_alive(program.pid(), started));
    EXPECT_FALSE(is_alive(program.pid(), started + 1)) << "somebody else had this pid before";
    EXPECT_FALSE(is_alive(program.pid(), started - 1));
    EXPECT_FALSE(is_alive(0, 0));
    EXPECT_FALSE(is_alive(-1, 0));
}

TEST(IsAliveTest, DoesNotTakeAZombieForAlive) {
    test::BackgroundChild child{[] { return 0; }};
    const auto facts = process_facts(child.pid());
    ASSERT_TRUE(facts);

    ASSERT_TRUE(test::becomes_readable(child.pidfd()));

    EXPECT_FALSE(is_alive(child.pid(), facts->start_ticks));
}

// Case 31.
TEST(DescendantsTest, FindADaemonisedGrandchildUnderASubreaper) {
    const ExitStatus status = test::run_in_child([] {
        become_subreaper();
        const pid_t daemon = leave_a_daemon();
        const bool found = contains(descendants_of(::getpid()), daemon);
        (void)::kill(daemon, SIGKILL);
        return found ? 0 : 1;
    });

    EXPECT_EQ(status, ExitStatus{});
}

TEST(DescendantsTest, ListParentsFirstAndLeaveOutTheDead) {
    const auto [read_end, write_end] = make_pipe();
    const test::ForkedChild child{[out = write_end.get()] {
        const pid_t dead = ::fork();
        if (dead == 0) {
            ::_exit(0);
        }
        siginfo_t info{};
        (void)::waitid(P_PID, static_cast<id_t>(dead), &info, WEXITED | WNOWAIT);
        auto forever = [] { return ::pause(); };
        const pid_t grandchild = fork_function(forever).pid();
        (void)!::write(out, &dead, sizeof dead);
        (void)!::write(out, &grandchild, sizeof grandchild);
    }};
    const pid_t dead = read_pid(read_end.get());
    const pid_t grandchild = read_pid(read_end.get());

    const std::vector<ProcessFacts> found = descendants_of(::getpid());

    EXPECT_FALSE(contains(found, dead));
    EXPECT_FALSE(contains(found, ::getpid()));
    const auto place = [&](pid_t pid) {
        return std::ranges::find_if(found, [&](const auto& one) { return one.pid == pid; });
    };
    ASSERT_NE(place(grandchild), found.end());
    EXPECT_LT(place(child.pid()), place(grandchild));
}

TEST(ReapChildrenTest, LeavesTheOneThatSomebodyWaitsFor) {
    const ExitStatus status = test::run_in_child([] {
        auto seven = [] { return 7; };
        Child kept = fork_function(seven);
        if (!test::becomes_readable(kept.pidfd()) || !reap_children({kept.pid()})) {
            return 1;
        }
        return kept.wait().code == 7 ? 0 : 2;
    });

    EXPECT_EQ(status, ExitStatus{});
}

TEST(ReapChildrenTest, TellsWhetherThereAreAny) {
    const ExitStatus status = test::run_in_child([] {
        if (reap_children()) {
            return 1;
        }
        auto forever = [] { return ::pause(); };
        const Child living = fork_function(forever);
        auto nothing = [] { return 0; };
        const Child dead = fork_function(nothing);
        if (!test::becomes_readable(dead.pidfd()) || !reap_children() ||
            process_facts(dead.pid())) {
            return 2;
        }
        living.kill(SIGKILL);
        return test::becomes_readable(living.pidfd()) && !reap_children() ? 0 : 3;
    });

    EXPECT_EQ(status, ExitStatus{});
}

}  // namespace
}  // namespace ccci::base
