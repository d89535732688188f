#include "locks/lock_set.hpp"

#include <chrono>
#include <memory>
#include <vector>

#include "locks/lock_fixture.hpp"
#include "support/forked_child.hpp"
#include "support/readiness.hpp"
#include "support/spawned_program.hpp"

namespace ccci::locks {
namespace {

class LockSetTest : public LockTest {
protected:
    LockSet take(const std::vector<std::string>& domains) const {
        return acquire_all(dir_.path(), {domains.begin(), domains.end()},
                           [](const std::string&, const Busy&) {});
    }
    auto hold(const std::string& domain) const {
        return [this, domain, lock = std::optional<DomainLock>{}]() mutable {
            lock = must_acquire(domain);
            lock->write_holder(holder_);
        };
    }
    /// How many wait for the lock of this domain.
    int waiters(const std::string& domain) const {
        const auto fd = open_lock_file(lock_path(dir_.path(), domain));
        return fd ? waiters_of(fd->get()) : 0;
    }

    static constexpr const char* k_first = "a-000000.ci.example.net";
    static constexpr const char* k_second = "b-000000.ci.example.net";
};

TEST_F(LockSetTest, HasAllOfThemUntilItGoes) {
    {
        const LockSet set = take({k_second, k_first});
        EXPECT_EQ(set.size(), 2U);
        EXPECT_FALSE(try_acquire(k_first));
        EXPECT_FALSE(try_acquire(k_second));
    }
    EXPECT_TRUE(try_acquire(k_first));
    EXPECT_TRUE(try_acquire(k_second));
}

/// In whatever order they are asked for: who waits for the first one holds none that comes after.
TEST_F(LockSetTest, WaitsInTheOrderOfTheNames) {
    test::ForkedChild holder{hold(k_first)};
    std::vector<std::unique_ptr<test::BackgroundChild>> jobs;
    for (const auto& order : {std::vector<std::string>{k_second, k_first},
                              std::vector<std::string>{k_first, k_second}}) {
        jobs.push_back(std::make_unique<test::BackgroundChild>([this, order] {
            const LockSet set = take(order);
            return 0;
        }));
        ASSERT_TRUE(test::eventually(
            [&] { return waiters(k_first) + waiters(k_second) == static_cast<int>(jobs.size()); }));
    }
    EXPECT_EQ(waiters(k_first), 2);
    EXPECT_TRUE(try_acquire(k_second));

    holder.kill_and_wait();

    for (const auto& job : jobs) {
        ASSERT_TRUE(test::becomes_readable(job->pidfd())) << "they wait for each other";
        EXPECT_TRUE(job->wait().success());
    }
}

/// Many jobs whose dependencies cross, with holders that unlink as teardowns do.
TEST_F(LockSetTest, NeverMakesJobsWaitForEachOther) {
    const std::vector<std::vector<std::string>> orders{
        {"a-0.x", "b-0.x"}, {"b-0.x", "a-0.x"}, {"c-0.x", "a-0.x"}, {"b-0.x", "c-0.x", "a-0.x"}};
    std::vector<std::unique_ptr<test::BackgroundChild>> jobs;
    for (const auto& order : orders) {
        jobs.push_back(std::make_unique<test::BackgroundChild>([this, order] {
            for (int round = 0; round < 100; ++round) {
                LockSet set = take(order);
                for (auto& [domain, lock] : set) {
                    std::move(lock).release();
                }
            }
            return 0;
        }));
    }

    for (const auto& job : jobs) {
        ASSERT_TRUE(test::becomes_readable(job->pidfd(), std::chrono::seconds{30}))
            << "they wait for each other";
        EXPECT_TRUE(job->wait().success());
    }
}

/// Case 3: also not the process that waits for the next lock on behalf of a holder that is killed.
TEST_F(LockSetTest, IsFreeWhenItsHolderIsKilledWhileItWaits) {
    const test::ForkedChild other{hold(k_second)};
    test::BackgroundChild job{[this] {
        const LockSet set = take({k_first, k_second});
        return 0;
    }};
    ASSERT_TRUE(test::eventually([&] { return waiters(k_second) == 1; }));
    ASSERT_FALSE(try_acquire(k_first));

    job.signal(SIGKILL);
    (void)job.wait();

    EXPECT_TRUE(test::eventually([&] { return try_acquire(k_first).has_value(); }));
}

// Case 3.
TEST_F(LockSetTest, DoesNotLeakIntoAnExecutedProgram) {
    LockSet set = take({k_first, k_second});
    const test::SpawnedProgram sleeper{{"sleep", "60"}};

    set.clear();

    EXPECT_TRUE(test::eventually([&] { return try_acquire(k_first).has_value(); }));
    EXPECT_TRUE(test::eventually([&] { return try_acquire(k_second).has_value(); }));
}

TEST_F(LockSetTest, SaysForWhomItWaits) {
    test::ForkedChild holder{hold(k_second)};
    std::vector<std::string> told;
    const LockSet set = acquire_all(dir_.path(), {k_first, k_second},
                                    [&](const std::string& domain, const Busy& busy) {
                                        told.push_back(domain + " " + busy.holder->run);
                                        holder.kill_and_wait();
                                    });

    EXPECT_EQ(told, std::vector<std::string>{std::string{k_second} + " 290"});
}

}  // namespace
}  // namespace ccci::locks
