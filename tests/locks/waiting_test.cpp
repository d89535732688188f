#include "locks/waiting.hpp"

#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <vector>

#include "base/descendants.hpp"
#include "locks/lock_error.hpp"
#include "locks/lock_fixture.hpp"
#include "support/forked_child.hpp"

namespace ccci::locks {
namespace {

using std::chrono::steady_clock;

class WaitingTest : public LockTest {
protected:
    /// A process that has the lock, for itself alone: a Waiting of this process would share it.
    auto hold() const {
        return [this, lock = std::optional<DomainLock>{}]() mutable {
            lock = must_acquire();
            lock->write_holder(holder_);
        };
    }

    Busy must_be_busy() const { return std::get<Busy>(acquire()); }

    /// The process that blocks for us.
    static pid_t blocked_child() {
        for (const base::ProcessFacts& process : base::descendants_of(::getpid())) {
            if (::getpgid(process.pid) >= 0 && is_blocked_in_flock(process.pid)) {
                return process.pid;
            }
        }
        return 0;
    }

    static bool is_blocked_in_flock(pid_t pid) {
        const std::string locks = base::try_read_file("/proc/locks").value_or("");
        for (const std::string& line : base::split(locks, '\n')) {
            if (line.find("-> FLOCK") != std::string::npos &&
                line.find(fmt::format(" {} ", pid)) != std::string::npos) {
                return true;
            }
        }
        return false;
    }

    /// Returns when so many wait for this file.
    static void await_waiters(int fd, int count) {
        if (!test::eventually([&] { return waiters_of(fd) == count; })) {
            throw std::runtime_error{"they never came to wait"};
        }
    }

    /// Waits to the end, however often the file changes.
    static DomainLock finish(Waiting& waiting) {
        for (;;) {
            if (!test::becomes_readable(waiting.pidfd())) {
                throw std::runtime_error{"the lock never came"};
            }
            if (std::optional<DomainLock> lock = waiting.finish()) {
                return std::move(*lock);
            }
        }
    }
};

// Case 4.
TEST_F(WaitingTest, BlocksUntilTheHolderEndsAndNotAMomentLonger) {
    test::ForkedChild holder{hold()};
    Waiting waiting{must_be_busy()};
    await_waiters(waiting.busy().fd.get(), 1);
    ASSERT_FALSE(test::is_readable(waiting.pidfd()));

    const auto begin = steady_clock::now();
    holder.kill_and_wait();
    ASSERT_TRUE(test::becomes_readable(waiting.pidfd()));
    const auto lock = waiting.finish();
    const auto took = steady_clock::now() - begin;

    ASSERT_TRUE(lock);
    EXPECT_FALSE(try_acquire());
    EXPECT_TRUE(is_at_path(lock->fd(), path_));
    EXPECT_TRUE(lock->had_predecessor()) << "it was killed, so it did not finish";
    EXPECT_LT(took, std::chrono::milliseconds{500});
    RecordProperty("hand_over_us", std::to_string(took / std::chrono::microseconds{1}));
}

// Case 4.
TEST_F(WaitingTest, EndsAtOnceWhenTheHolderIsGoneAlready) {
    std::optional<Busy> busy;
    {
        const test::ForkedChild holder{hold()};
        busy = must_be_busy();
    }

    Waiting waiting{std::move(*busy)};

    EXPECT_TRUE(is_at_path(finish(waiting).fd(), path_));
}

// Case 5.
TEST_F(WaitingTest, GetsALiveFileFromAHolderThatUnlinks) {
    test::Gate go;
    test::BackgroundChild holder{[&] {
        DomainLock lock = must_acquire();
        go.open();
        await_waiters(lock.fd(), 1);
        std::move(lock).release();
        return 0;
    }};
    go.wait();
    Waiting waiting{must_be_busy()};

    const DomainLock lock = finish(waiting);

    EXPECT_TRUE(is_at_path(lock.fd(), path_));
    EXPECT_FALSE(lock.had_predecessor()) << "the holder finished";
    EXPECT_TRUE(holder.wait().success());
}

TEST_F(WaitingTest, LeavesTheQueueWhenItGoes) {
    test::ForkedChild holder{hold()};
    const auto fd = open_lock_file(path_);
    {
        const Waiting waiting{must_be_busy()};
        await_waiters(fd->get(), 1);
    }

    EXPECT_EQ(waiters_of(fd->get()), 0);
    holder.kill_and_wait();
    EXPECT_TRUE(try_acquire());
}

TEST_F(WaitingTest, LeavesNoLockBehindWhenItGoesTooLate) {
    std::optional<Busy> busy;
    {
        const test::ForkedChild holder{hold()};
        busy = must_be_busy();
    }
    {
        const Waiting waiting{std::move(*busy)};
        ASSERT_TRUE(test::becomes_readable(waiting.pidfd()));
        EXPECT_FALSE(try_acquire()) << "it has the lock, and nobody has asked for it yet";
    }

    EXPECT_TRUE(try_acquire());
}

// Case 10: a step that is killed while it queues.
TEST_F(WaitingTest, DiesWithItsProcessAndLeavesNoLock) {
    test::ForkedChild holder{hold()};
    const auto fd = open_lock_file(path_);
    std::optional<Waiting> waiting;
    test::ForkedChild waiter{[&] {
        waiting.emplace(must_be_busy());
        await_waiters(fd->get(), 1);
    }};
    const pid_t blocked = blocked_child();
    ASSERT_GT(blocked, 0);
    const base::UniqueFd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, blocked, 0))};

    waiter.kill_and_wait();

    EXPECT_TRUE(test::becomes_readable(pidfd.get())) << "its child waits on for nobody";
    EXPECT_EQ(waiters_of(fd->get()), 0);
    holder.kill_and_wait();
    EXPECT_TRUE(try_acquire());
}

// Case 7.
TEST_F(WaitingTest, IsNotMovedBySignals) {
    test::ForkedChild holder{hold()};
    Waiting waiting{must_be_busy()};
    await_waiters(waiting.busy().fd.get(), 1);
    const pid_t blocked = blocked_child();
    ASSERT_GT(blocked, 0);

    // A terminal sends these to the whole process group: whether the run is cancelled is for the
    // step to say, not for its child.
    for (const int signal :
         {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGPIPE, SIGSTOP, SIGCONT}) {
        ASSERT_EQ(::kill(blocked, signal), 0);
    }

    await_waiters(waiting.busy().fd.get(), 1);
    EXPECT_FALSE(test::is_readable(waiting.pidfd()));
    holder.kill_and_wait();
    const DomainLock lock = finish(waiting);
    EXPECT_FALSE(try_acquire());
}

// Case 7.
TEST_F(WaitingTest, NeverTakesTheEndOfTheWaitForTheLock) {
    const test::ForkedChild holder{hold()};
    Waiting waiting{must_be_busy()};
    await_waiters(waiting.busy().fd.get(), 1);

    ASSERT_EQ(::kill(blocked_child(), SIGKILL), 0);

    ASSERT_TRUE(test::becomes_readable(waiting.pidfd()));
    EXPECT_THROW((void)waiting.finish(), LockError);
}

TEST_F(WaitingTest, DoesNotKeepTheOutputOpen) {
    const test::ForkedChild holder{hold()};
    test::Pipe out;
    test::ForkedChild step{[&] {
        (void)::dup2(out.write.get(), STDOUT_FILENO);
        (void)::dup2(out.write.get(), STDERR_FILENO);
        out.write.reset();
        auto* waiting = new Waiting{must_be_busy()};
        await_waiters(waiting->busy().fd.get(), 1);
        (void)::close(STDOUT_FILENO);
        (void)::close(STDERR_FILENO);
    }};
    out.write.reset();

    EXPECT_TRUE(test::becomes_readable(out.read.get())) << "somebody still has the write end";
}

// Case 5. Breaking it: without outlived_ in Waiting, or with only the last one kept, those behind
// us go on to the live path while we still queue there.
TEST_F(WaitingTest, KeepsThoseBehindItBehindItHoweverOftenTheFileChanges) {
    // Forked first: a child that is forked later would share what the Waiting holds by then.
    const std::array<test::Gate, 3> may_hold;
    const std::array<test::Gate, 3> holds;
    std::vector<std::unique_ptr<test::BackgroundChild>> holders;
    for (std::size_t n = 0; n < 3; ++n) {
        holders.push_back(std::make_unique<test::BackgroundChild>([&, n] {
            may_hold[n].wait();
            const DomainLock lock = must_acquire();
            holds[n].open();
            return ::pause();
        }));
    }
    const auto begin = [&](std::size_t n) {
        std::filesystem::remove(path_);  // what the one before has, in its name
        may_hold[n].open();
        holds[n].wait();
        return std::move(*open_lock_file(path_));
    };
    const auto end = [&](std::size_t n) {
        holders[n]->signal(SIGKILL);
        (void)holders[n]->wait();
    };

    const base::UniqueFd first_file = begin(0);
    Waiting waiting{must_be_busy()};
    const base::UniqueFd second_file = begin(1);
    end(0);
    ASSERT_TRUE(test::becomes_readable(waiting.pidfd()));
    ASSERT_FALSE(waiting.finish()) << "the second is on the live path";
    EXPECT_NE(::flock(first_file.get(), LOCK_EX | LOCK_NB), 0);

    const base::UniqueFd third_file = begin(2);
    end(1);
    ASSERT_TRUE(test::becomes_readable(waiting.pidfd()));
    ASSERT_FALSE(waiting.finish()) << "the third is on the live path";
    EXPECT_NE(::flock(first_file.get(), LOCK_EX | LOCK_NB), 0);
    EXPECT_NE(::flock(second_file.get(), LOCK_EX | LOCK_NB), 0);

    end(2);
    const DomainLock lock = finish(waiting);
    EXPECT_TRUE(is_at_path(lock.fd(), path_));
}

// Case 5.
TEST_F(WaitingTest, KeepsTheOrderOfTheQueueOverAnUnlink) {
    const test::Pipe pipe;
    test::Gate unlinked;
    test::Gate newcomer_holds;
    test::Gate newcomer_may_go;
    test::Gate first_may_go;
    test::Gate first_holds;
    test::BackgroundChild first{[&] {
        const DomainLock lock = must_acquire();
        first_holds.open();
        first_may_go.wait();
        std::filesystem::remove(lock.path());
        unlinked.open();
        newcomer_holds.wait();
        return 0;
    }};
    first_holds.wait();
    const auto fd = open_lock_file(path_);
    std::vector<std::unique_ptr<test::BackgroundChild>> waiters;
    for (char name = '1'; name <= '6'; ++name) {
        waiters.push_back(std::make_unique<test::BackgroundChild>([&, name] {
            Waiting waiting{must_be_busy()};
            DomainLock lock = finish(waiting);
            base::write_all(pipe.write.get(), {&name, 1}, "order");
            std::move(lock).release();
            return 0;
        }));
        await_waiters(fd->get(), name - '0');
    }
    first_may_go.open();
    unlinked.wait();
    test::BackgroundChild newcomer{[&] {
        DomainLock lock = must_acquire();
        newcomer_holds.open();
        newcomer_may_go.wait();
        std::move(lock).release();
        return 0;
    }};
    newcomer_holds.wait();
    const auto second_file = open_lock_file(path_);
    await_waiters(second_file->get(), 1);
    newcomer_may_go.open();

    for (const auto& waiter : waiters) {
        EXPECT_TRUE(waiter->wait().success());
    }
    std::string order(6, '\0');
    ASSERT_EQ(::read(pipe.read.get(), order.data(), order.size()), 6);
    EXPECT_EQ(order, "123456");
}

}  // namespace
}  // namespace ccci::locks
