#include "locks/lock_queue.hpp"

#include <memory>

#include "base/descendants.hpp"
#include "locks/lock_fixture.hpp"
#include "locks/waiting.hpp"
#include "support/forked_child.hpp"

namespace ccci::locks {
namespace {

TEST(LockTable, HasTheWaitersOfAFileFromTheTopDown) {
    const auto queues = parse_lock_table(
        "1: FLOCK  ADVISORY  WRITE 10 00:1b:7 0 EOF\n"
        "1: -> FLOCK  ADVISORY  WRITE 12 00:1b:7 0 EOF\n"
        "1:  -> FLOCK  ADVISORY  WRITE 11 00:1b:7 0 EOF\n"
        "2: POSIX  ADVISORY  WRITE 20 00:1b:7 0 EOF\n"
        "2: -> POSIX  ADVISORY  WRITE 21 00:1b:7 0 EOF\n"
        "3: FLOCK  ADVISORY  READ  30 fe:00:8 0 EOF\n");

    EXPECT_EQ(queues, (std::vector<LockQueue>{{"00:1b:7", {12, 11}}, {"fe:00:8", {}}}));
}

TEST(LockTable, PassesOverWhatIsNoLine) {
    EXPECT_TRUE(parse_lock_table("").empty());
    EXPECT_TRUE(parse_lock_table("1: -> FLOCK  ADVISORY  WRITE 12 00:1b:7 0 EOF\n").empty());
    EXPECT_TRUE(parse_lock_table("1: FLOCK  ADVISORY  WRITE x 00:1b:7 0 EOF\n1: FLOCK\n").empty());
}

TEST(LockTable, KnowsALockedFileFromADescriptor) {
    EXPECT_EQ(locked_file("pos:\t0\nlock:\t1: FLOCK  ADVISORY  WRITE 10 00:1b:7 0 EOF\n"),
              "00:1b:7");
    EXPECT_EQ(locked_file("pos:\t0\nlock:\t1: POSIX  ADVISORY  WRITE 10 00:1b:7 0 EOF\n"),
              std::nullopt);
    EXPECT_EQ(locked_file("pos:\t0\n"), std::nullopt);
}

class LockQueueTest : public LockTest {
protected:
    /// By inode alone, as waiters_of().
    static std::vector<pid_t> queue_of(int fd) {
        struct stat info {};
        (void)::fstat(fd, &info);
        for (const LockQueue& queue : read_lock_table()) {
            if (queue.file.ends_with(fmt::format(":{}", info.st_ino))) {
                return queue.waiters;
            }
        }
        return {};
    }

    auto wait_behind() const {
        return [this, waiting = std::unique_ptr<Waiting>{}]() mutable {
            waiting = std::make_unique<Waiting>(std::get<Busy>(acquire()));
        };
    }
};

TEST_F(LockQueueTest, IsInTheOrderInWhichTheKernelServes) {
    std::optional<DomainLock> held;
    test::ForkedChild holder{[&] { held = must_acquire(); }};
    const auto fd = open_lock_file(path_);
    std::vector<std::unique_ptr<test::ForkedChild>> waiters;
    std::vector<pid_t> expected;
    for (int n = 1; n <= 5; ++n) {
        waiters.push_back(std::make_unique<test::ForkedChild>(wait_behind()));
        expected.push_back(waiters.back()->pid());
        ASSERT_TRUE(test::eventually([&] { return waiters_of(fd->get()) == n; }));
    }
    // One leaves from the middle: those behind it keep their places.
    waiters[1]->kill_and_wait();
    expected.erase(expected.begin() + 1);
    ASSERT_TRUE(test::eventually([&] { return waiters_of(fd->get()) == 4; }));

    std::vector<pid_t> parents;
    for (const pid_t pid : queue_of(fd->get())) {
        const auto facts = base::process_facts(pid);
        parents.push_back(facts ? facts->parent : 0);
    }

    EXPECT_EQ(parents, expected);
}

TEST_F(LockQueueTest, KnowsTheNameOfAFileThatIsGone) {
    std::optional<DomainLock> held;
    const test::ForkedChild holder{[&] { held = must_acquire(); }};
    const auto fd = open_lock_file(path_);
    struct stat info {};
    ASSERT_EQ(::fstat(fd->get(), &info), 0);
    const std::string file = file_in_table(info);
    std::filesystem::remove(path_);

    EXPECT_EQ(name_of_open_file(holder.pid(), file, dir_.path()), path_);
    EXPECT_EQ(name_of_open_file(holder.pid(), file, "/elsewhere"), std::nullopt);
    EXPECT_EQ(name_of_open_file(holder.pid(), "00:00:1", dir_.path()), std::nullopt);
}

}  // namespace
}  // namespace ccci::locks
