#include "event/loop.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/process.hpp"
#include "support/readiness.hpp"
#include "support/signal_state.hpp"

namespace ccci::event {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class LoopTest : public testing::Test {
protected:
    static void write_byte(const base::UniqueFd& fd) { base::write_all(fd.get(), "x", "pipe"); }

    test::SignalState restore_;
    Loop loop_;
    Source limit_ =
        loop_.after(test::k_patience, [] { throw std::runtime_error{"nothing happened"}; });
    std::pair<base::UniqueFd, base::UniqueFd> pipe_ = base::make_pipe();
};

TEST_F(LoopTest, DeliversSignals) {
    Loop::block_signals({SIGUSR1});
    pid_t sender = 0;
    const Source source = loop_.on_signal(SIGUSR1, [&](const signalfd_siginfo& info) {
        sender = static_cast<pid_t>(info.ssi_pid);
        loop_.stop();
    });

    (void)::kill(::getpid(), SIGUSR1);
    loop_.run();

    EXPECT_EQ(sender, ::getpid());
}

TEST_F(LoopTest, DeliversASignalThatCameBeforeAnybodyAskedForIt) {
    Loop::block_signals({SIGUSR1});
    (void)::kill(::getpid(), SIGUSR1);
    int count = 0;
    const Source source = loop_.on_signal(SIGUSR1, [&](const signalfd_siginfo&) {
        ++count;
        loop_.stop();
    });

    loop_.run();

    EXPECT_EQ(count, 1);
}

TEST_F(LoopTest, DeliversReadinessUntilItIsTakenAway) {
    int calls = 0;
    const Source source = loop_.on_io(pipe_.first.get(), EPOLLIN, [&](std::uint32_t events) {
        EXPECT_NE(events & EPOLLIN, 0U);
        if (++calls == 3) {
            loop_.stop();
        }
    });

    write_byte(pipe_.second);
    loop_.run();

    EXPECT_EQ(calls, 3);
}

TEST_F(LoopTest, TellsTheEndOfAPipe) {
    std::uint32_t seen = 0;
    const Source source = loop_.on_io(pipe_.first.get(), EPOLLIN, [&](std::uint32_t events) {
        seen = events;
        loop_.stop();
    });

    pipe_.second.reset();
    loop_.run();

    EXPECT_NE(seen & EPOLLHUP, 0U);
}

TEST_F(LoopTest, TellsTheEndOfAChild) {
    auto five = [] { return 5; };
    base::Child child = base::fork_function(five);
    const Source source = loop_.on_io(child.pidfd(), EPOLLIN, [&](std::uint32_t) { loop_.stop(); });

    loop_.run();

    EXPECT_EQ(child.wait().code, 5);
}

TEST_F(LoopTest, FiresTimersInTheOrderOfTheirTimes) {
    std::string order;
    const auto now = steady_clock::now();
    const Source c = loop_.on_time(now + 60ms, [&] {
        order += 'c';
        loop_.stop();
    });
    const Source a = loop_.on_time(now + 1ms, [&] { order += 'a'; });
    const Source b = loop_.on_time(now + 30ms, [&] { order += 'b'; });

    loop_.run();

    EXPECT_EQ(order, "abc");
    EXPECT_GE(steady_clock::now(), now + 60ms);
}

TEST_F(LoopTest, FiresATimerOnceUntilItIsArmedAgain) {
    int fired = 0;
    Source timer;
    timer = loop_.after(1ms, [&] {
        if (++fired < 3) {
            timer.set_time(steady_clock::now() + 1ms);
        }
    });
    const Source end = loop_.after(100ms, [&] { loop_.stop(); });

    loop_.run();

    EXPECT_EQ(fired, 3);
}

TEST_F(LoopTest, FiresATimerOfThePast) {
    bool fired = false;
    const Source timer = loop_.on_time(steady_clock::time_point{} - 1h, [&] {
        fired = true;
        loop_.stop();
    });

    loop_.run();

    EXPECT_TRUE(fired);
}

TEST_F(LoopTest, NeverFiresATimerAtTheEndOfTime) {
    const Source never =
        loop_.on_time(steady_clock::time_point::max(), [] { throw std::runtime_error{"fired"}; });
    const Source end = loop_.after(20ms, [&] { loop_.stop(); });

    EXPECT_NO_THROW(loop_.run());
}

TEST_F(LoopTest, EndsWithTheExceptionOfACallback) {
    const Source source = loop_.after(1ms, [] { throw std::runtime_error{"from the callback"}; });

    try {
        loop_.run();
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "from the callback");
    }
}

TEST_F(LoopTest, EndsWithTheExceptionOfAnyKindOfSource) {
    const auto fail = [] { throw std::logic_error{"failed"}; };
    {
        Loop loop;
        const Source source =
            loop.on_io(pipe_.first.get(), EPOLLIN, [&](std::uint32_t) { fail(); });
        write_byte(pipe_.second);
        EXPECT_THROW(loop.run(), std::logic_error);
    }
    {
        Loop loop;
        Loop::block_signals({SIGUSR1});
        const Source source = loop.on_signal(SIGUSR1, [&](const signalfd_siginfo&) { fail(); });
        (void)::kill(::getpid(), SIGUSR1);
        EXPECT_THROW(loop.run(), std::logic_error);
    }
    {
        Loop loop;
        Source source = loop.after(1h, [] {});
        source.before_waiting(fail);
        EXPECT_THROW(loop.run(), std::logic_error);
    }
}

TEST_F(LoopTest, ReturnsAtOnceIfItWasStoppedBefore) {
    bool fired = false;
    const Source timer = loop_.on_time(steady_clock::now(), [&] {
        fired = true;
        loop_.stop();
    });

    loop_.stop();
    loop_.run();
    EXPECT_FALSE(fired);

    loop_.run();
    EXPECT_TRUE(fired) << "one stop is for one run";
}

TEST_F(LoopTest, DispatchesNothingAfterAnException) {
    int calls = 0;
    const auto call = [&](std::uint32_t) {
        ++calls;
        throw std::runtime_error{"first"};
    };
    const auto [second_read, second_write] = base::make_pipe();
    const Source one = loop_.on_io(pipe_.first.get(), EPOLLIN, call);
    const Source two = loop_.on_io(second_read.get(), EPOLLIN, call);
    write_byte(pipe_.second);
    base::write_all(second_write.get(), "x", "pipe");

    EXPECT_THROW(loop_.run(), std::runtime_error);

    EXPECT_EQ(calls, 1);
}

TEST_F(LoopTest, LetsASourceDestroyItselfInItsOwnCallback) {
    // What the callback captured must live as long as it runs: the sanitizer watches.
    const std::string captured(100, 'x');
    std::string seen;
    Source io;
    Source timer;
    io = loop_.on_io(pipe_.first.get(), EPOLLIN, [&, captured](std::uint32_t) {
        io.reset();
        seen = captured;
        timer = loop_.after(1ms, [&, captured] {
            timer.reset();
            seen += captured;
            loop_.stop();
        });
    });

    write_byte(pipe_.second);
    loop_.run();

    EXPECT_EQ(seen, captured + captured);
    EXPECT_FALSE(io);
}

TEST_F(LoopTest, LetsASourceReplaceItselfInItsOwnCallback) {
    int second = 0;
    Source io;
    io = loop_.on_io(pipe_.first.get(), EPOLLIN, [&](std::uint32_t) {
        io.reset();
        io = loop_.on_io(pipe_.first.get(), EPOLLIN, [&](std::uint32_t) {
            ++second;
            loop_.stop();
        });
    });

    write_byte(pipe_.second);
    loop_.run();

    EXPECT_EQ(second, 1);
}

TEST_F(LoopTest, NeverCallsASourceThatAnotherOneDestroyed) {
    // Both are ready in the same turn; whichever comes first destroys the other.
    const auto [second_read, second_write] = base::make_pipe();
    int calls = 0;
    Source one;
    Source two;
    one = loop_.on_io(pipe_.first.get(), EPOLLIN, [&](std::uint32_t) {
        ++calls;
        two.reset();
        one.enable(false);
    });
    two = loop_.on_io(second_read.get(), EPOLLIN, [&](std::uint32_t) {
        ++calls;
        one.reset();
        two.enable(false);
    });
    const Source end = loop_.after(30ms, [&] { loop_.stop(); });
    write_byte(pipe_.second);
    base::write_all(second_write.get(), "x", "pipe");

    loop_.run();

    EXPECT_EQ(calls, 1);
}

TEST_F(LoopTest, DeliversNothingWhileASourceIsOff) {
    int calls = 0;
    Source io = loop_.on_io(pipe_.first.get(), EPOLLIN, [&](std::uint32_t) {
        ++calls;
        loop_.stop();
    });
    io.enable(false);
    const Source later = loop_.after(20ms, [&] {
        EXPECT_EQ(calls, 0);
        io.enable(true);
    });
    write_byte(pipe_.second);

    loop_.run();

    EXPECT_EQ(calls, 1);
}

TEST_F(LoopTest, CanBeToldWhatToWaitFor) {
    std::uint32_t seen = 0;
    Source io = loop_.on_io(pipe_.second.get(), EPOLLIN, [&](std::uint32_t events) {
        seen = events;
        loop_.stop();
    });
    const Source later = loop_.after(10ms, [&] { io.set_events(EPOLLOUT); });

    loop_.run();

    EXPECT_EQ(seen, static_cast<std::uint32_t>(EPOLLOUT));
}

TEST_F(LoopTest, AsksBeforeEachWait) {
    int asked = 0;
    Source timer = loop_.after(1h, [] {});
    timer.before_waiting([&] {
        if (++asked == 3) {
            loop_.stop();
        }
    });
    const Source busy = loop_.on_io(pipe_.first.get(), EPOLLIN, [](std::uint32_t) {});
    write_byte(pipe_.second);

    loop_.run();

    EXPECT_EQ(asked, 3);
}

TEST_F(LoopTest, LetsASourceDestroyItselfBeforeAWait) {
    Source timer = loop_.after(1h, [] {});
    timer.before_waiting([&] {
        timer.reset();
        loop_.stop();
    });

    loop_.run();

    EXPECT_FALSE(timer);
}

TEST_F(LoopTest, RefusesAFileThatIsAlwaysReady) {
    const base::UniqueFd file = base::open_file("/dev/null", 0);

    try {
        const Source source = loop_.on_io(file.get(), EPOLLIN, [](std::uint32_t) {});
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::operation_not_permitted);
    }
}

}  // namespace
}  // namespace ccci::event
