#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <vector>

#include "locks/lock_fixture.hpp"
#include "locks/waiting.hpp"
#include "support/forked_child.hpp"

namespace ccci::locks {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// A value that forked processes share.
template <typename Value>
class Shared {
public:
    Shared() {
        void* memory = ::mmap(nullptr, sizeof(Value), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            base::throw_errno(errno, "map shared memory");
        }
        value_ = new (memory) Value;
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    ~Shared() { (void)::munmap(value_, sizeof(Value)); }
    Value* operator->() const { return value_; }

private:
    Value* value_;
};

class LockStressTest : public LockTest {
protected:
    /// Blocks as a step does.
    DomainLock wait_for(Busy busy) const {
        Waiting waiting{std::move(busy)};
        for (;;) {
            if (!test::becomes_readable(waiting.pidfd())) {
                throw std::runtime_error{"the lock never came"};
            }
            if (std::optional<DomainLock> lock = waiting.finish()) {
                return std::move(*lock);
            }
        }
    }

    /// Spins as several janitors would.
    DomainLock spin() const {
        for (;;) {
            if (std::optional<DomainLock> lock = try_acquire()) {
                return std::move(*lock);
            }
            (void)::sched_yield();
        }
    }

    DomainLock acquire_anyhow(bool queue) const {
        auto result = acquire();
        if (auto* lock = std::get_if<DomainLock>(&result)) {
            return std::move(*lock);
        }
        return queue ? wait_for(std::move(std::get<Busy>(result))) : spin();
    }
};

// Case 5. The functional tests stay green when a guard is taken away; this one does not. Broken in
// a scratch copy of the sources, it was red in every one of ten runs each:
// - is_at_path() says true without a look;
// - the holder unlinks after it has closed its descriptor.
TEST_F(LockStressTest, NeverLetsTwoHoldersExist) {
    struct Counts {
        std::atomic<int> queued{0};
        std::atomic<int> spun{0};
        std::atomic<int> violations{0};
    };
    const Shared<Counts> counts;
    // A second; a machine with more to do takes longer for as much.
    const auto at_least = steady_clock::now() + 1s;
    const auto at_most = at_least + 30s;
    const auto goes_on = [&] {
        const bool enough = counts->queued > 10 && counts->queued + counts->spun > 1000;
        return steady_clock::now() < (enough ? at_least : at_most);
    };
    const std::filesystem::path marker = dir_.path() / "marker";
    std::vector<std::unique_ptr<test::BackgroundChild>> processes;
    for (int n = 0; n < 4; ++n) {
        const bool queue = n < 2;
        processes.push_back(std::make_unique<test::BackgroundChild>([&, queue] {
            while (goes_on()) {
                DomainLock lock = acquire_anyhow(queue);
                const int fd = ::open(marker.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600);
                if (fd < 0) {
                    ++counts->violations;
                }
                ++(queue ? counts->queued : counts->spun);
                (void)::unlink(marker.c_str());
                (void)::close(fd);
                std::move(lock).release();
            }
            return 0;
        }));
    }

    for (const auto& process : processes) {
        EXPECT_TRUE(process->wait().success());
    }

    EXPECT_EQ(counts->violations, 0);
    EXPECT_GT(counts->queued + counts->spun, 1000);
    EXPECT_GT(counts->queued, 10);
    EXPECT_TRUE(try_acquire());
    RecordProperty("queued", counts->queued);
    RecordProperty("spun", counts->spun);
}

// Case 10.
TEST_F(LockStressTest, SurvivesTheDeathOfHoldersAndWaitersAtAnyMoment) {
    constexpr int k_processes = 4;
    struct State {
        std::atomic<int> holder{0};  ///< number of the process that has the lock; 0: nobody
        std::array<std::atomic<bool>, 1'000'000> doomed{};  ///< by that number
        std::atomic<int> acquired{0};
        std::atomic<int> violations{0};
        std::atomic<int> steps{0};
    };
    const Shared<State> state;
    int next_number = 1;
    const auto start = [&] {
        const int number = next_number++;
        return std::pair{
            number, std::make_unique<test::BackgroundChild>([&, number]() -> int {
                for (;;) {
                    DomainLock lock = acquire_anyhow(number % 2 == 0);
                    const int other = state->holder.exchange(number);
                    if (other != 0 && !state->doomed[static_cast<std::size_t>(other)]) {
                        ++state->violations;
                    }
                    ++state->acquired;
                    ++state->steps;
                    int self = number;
                    (void)state->holder.compare_exchange_strong(self, 0);
                    if (number % 3 != 0) {
                        std::move(lock).release();  // from here on the next one may begin
                        ++state->steps;
                    }
                }
            })};
    };
    std::vector<std::pair<int, std::unique_ptr<test::BackgroundChild>>> processes;
    for (int n = 0; n < k_processes; ++n) {
        processes.push_back(start());
    }
    std::minstd_rand random{static_cast<unsigned>(::getpid())};
    const auto until = steady_clock::now() + 1s;
    int killed = 0;
    while (steady_clock::now() < until) {
        const int goal = state->steps + static_cast<int>(random() % 40);
        while (state->steps < goal && steady_clock::now() < until + 1s) {
            (void)::sched_yield();
        }
        auto& slot = processes[random() % k_processes];
        auto& [number, victim] = slot;
        state->doomed[static_cast<std::size_t>(number)] = true;
        victim->signal(SIGKILL);
        (void)victim->wait();
        ++killed;
        slot = start();
    }
    for (auto& [number, process] : processes) {
        state->doomed[static_cast<std::size_t>(number)] = true;
    }
    processes.clear();

    EXPECT_EQ(state->violations, 0);
    EXPECT_GT(state->acquired, 100);
    EXPECT_GT(killed, 10);
    // A waiter's own child dies with it, a moment after it: that moment is all there may be to
    // wait.
    auto last = acquire();
    if (auto* busy = std::get_if<Busy>(&last)) {
        EXPECT_TRUE(is_at_path(wait_for(std::move(*busy)).fd(), path_));
    }
    RecordProperty("killed", killed);
    RecordProperty("acquired", state->acquired);
}

/// Runs the function in a child up to its n-th system call, and kills it there. False when it ended
/// by itself before.
template <typename Function>
bool kill_before_system_call(int n, Function function) {
    auto body = [&] {
        if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) {
            return 77;
        }
        (void)::raise(SIGSTOP);
        function();
        return 0;
    };
    base::Child child = base::fork_function(body);
    int status = 0;
    (void)::waitpid(child.pid(), &status, 0);
    if (WIFEXITED(status)) {
        throw std::runtime_error{"tracing is not allowed here"};
    }
    // Each call stops the child twice: before it, and after it.
    for (int stop = 0; stop < n; ++stop) {
        (void)::ptrace(PTRACE_SYSCALL, child.pid(), nullptr, nullptr);
        (void)::waitpid(child.pid(), &status, 0);
        if (WIFEXITED(status)) {
            return false;
        }
    }
    child.kill(SIGKILL);
    (void)child.wait();
    return true;
}

// Case 10, without luck: a death before and after every single system call of acquire, write and
// release.
TEST_F(LockStressTest, CanBeHadAtOnceWhereverItsHolderDied) {
    const Holder holder{.run = "1",
                        .unit = "",
                        .invocation = "",
                        .user = "",
                        .since = std::chrono::system_clock::now(),
                        .until = std::nullopt};
    int deaths = 0;
    while (kill_before_system_call(deaths, [&] {
        DomainLock lock = must_acquire();
        lock.write_holder(holder);
        std::move(lock).release();
    })) {
        ++deaths;
        auto lock = try_acquire();
        ASSERT_TRUE(lock) << "after " << deaths << " stops";
        ASSERT_TRUE(is_at_path(lock->fd(), path_));
        // Left as it is, or not there at all: the next one begins from both.
        if (deaths % 2 == 0) {
            std::move(*lock).release();
        }
    }

    EXPECT_GT(deaths, 10);
}

}  // namespace
}  // namespace ccci::locks
