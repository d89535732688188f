#include "event/outlet.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <stdexcept>

#include "base/files.hpp"
#include "base/process.hpp"
#include "support/forked_child.hpp"
#include "support/readiness.hpp"
#include "support/signal_state.hpp"
#include "support/temp_dir.hpp"

namespace ccci::event {
namespace {

using namespace std::chrono_literals;

std::string pattern(std::size_t size) {
    std::string text;
    text.reserve(size);
    for (std::size_t n = 0; n < size; ++n) {
        text += static_cast<char>(n * 31 + n / 4096);
    }
    return text;
}

constexpr std::size_t k_limit = 256 * 1024;

class OutletTest : public testing::Test {
protected:
    OutletTest() { (void)::signal(SIGPIPE, SIG_IGN); }

    /// Reads `part` bytes each time there is something, from when the source is switched on.
    Source reader(int fd, std::string& text, std::size_t part, std::size_t whole) {
        Source source = loop_.on_io(fd, EPOLLIN, [this, fd, &text, part, whole](std::uint32_t) {
            std::string buffer(part, '\0');
            const ssize_t n = ::read(fd, buffer.data(), buffer.size());
            text.append(buffer, 0, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
            if (text.size() >= whole || n <= 0) {
                loop_.stop();
            }
        });
        source.enable(false);
        return source;
    }

    test::SignalState restore_;
    test::TempDir dir_;
    Loop loop_;
    Source limit_ =
        loop_.after(test::k_patience, [] { throw std::runtime_error{"nothing happened"}; });
    std::pair<base::UniqueFd, base::UniqueFd> pipe_ = base::make_pipe();
    int rooms_ = 0;
    std::function<void()> on_room_ = [this] { ++rooms_; };
};

TEST_F(OutletTest, WritesAtOnceWhatFits) {
    Outlet outlet{loop_, pipe_.second.get(), k_limit, on_room_};

    outlet.write("hello");

    EXPECT_EQ(outlet.pending(), 0U);
    pipe_.second.reset();
    EXPECT_EQ(base::read_all(pipe_.first.get(), "pipe"), "hello");
}

TEST_F(OutletTest, NeverBlocksTheLoopAndLosesNothingForASlowReader) {
    const std::string text = pattern(3'000'000);
    Outlet outlet{loop_, pipe_.second.get(), k_limit, on_room_};
    std::string read;
    Source slow = reader(pipe_.first.get(), read, 1000, text.size());
    Loop::block_signals({SIGUSR1});
    const Source signal = loop_.on_signal(SIGUSR1, [&](const signalfd_siginfo&) {
        EXPECT_TRUE(read.empty());
        slow.enable(true);
    });

    outlet.write(text);  // nobody reads yet
    EXPECT_TRUE(outlet.is_full());
    EXPECT_FALSE(outlet.is_broken());
    (void)::kill(::getpid(), SIGUSR1);
    loop_.run();

    EXPECT_TRUE(read == text);
    EXPECT_EQ(outlet.pending(), 0U);
    EXPECT_FALSE(outlet.is_full());
    EXPECT_EQ(rooms_, 1);
}

TEST_F(OutletTest, TellsOfRoomEachTimeTheBacklogHasFallenToHalf) {
    const std::string part = pattern(k_limit + 100'000);
    Outlet outlet{loop_, pipe_.second.get(), k_limit, on_room_};
    std::string expected;
    std::string read;
    for (int round = 1; round <= 3; ++round) {
        outlet.write(part);
        expected += part;
        ASSERT_TRUE(outlet.is_full());
        while (outlet.pending() > 0) {
            std::array<char, 65536> buffer;
            const ssize_t n = ::read(pipe_.first.get(), buffer.data(), buffer.size());
            read.append(buffer.data(), static_cast<std::size_t>(n));
            outlet.write("");
        }
        EXPECT_EQ(rooms_, round);
    }
    pipe_.second.reset();
    read += base::read_all(pipe_.first.get(), "pipe");
    EXPECT_TRUE(read == expected);
}

TEST_F(OutletTest, LeavesTheFlagsOfASharedDescriptorAlone) {
    const int before = ::fcntl(pipe_.second.get(), F_GETFL);

    Outlet outlet{loop_, pipe_.second.get(), k_limit, on_room_};
    outlet.write(pattern(1'000'000));

    EXPECT_EQ(::fcntl(pipe_.second.get(), F_GETFL), before);
}

TEST_F(OutletTest, CopesWithADescriptorThatSomebodyMadeNonBlocking) {
    const std::string text = pattern(500'000);
    ASSERT_EQ(::fcntl(pipe_.second.get(), F_SETFL, O_WRONLY | O_NONBLOCK), 0);
    Outlet outlet{loop_, pipe_.second.get(), k_limit, on_room_};
    std::string read;
    Source source = reader(pipe_.first.get(), read, 70'000, text.size());
    source.enable(true);

    outlet.write(text);
    loop_.run();

    EXPECT_TRUE(read == text);
}

// Case 27.
TEST_F(OutletTest, OutlivesAReaderThatGoesAway) {
    const base::ExitStatus status = test::run_in_child([&] {
        (void)::signal(SIGPIPE, SIG_IGN);
        Loop loop;
        auto [read_end, write_end] = base::make_pipe();
        Outlet outlet{loop, write_end.get(), k_limit, on_room_};
        outlet.write(pattern(1'000'000));
        read_end.reset();
        outlet.write("more");
        outlet.write("and more");
        return outlet.is_broken() && outlet.pending() == 0 && !outlet.is_full() && rooms_ == 1 ? 0
                                                                                               : 1;
    });

    EXPECT_EQ(status, base::ExitStatus{});
}

// Case 27.
TEST_F(OutletTest, NoticesInTheLoopThatTheReaderWentAway) {
    std::optional<Outlet> outlet;
    outlet.emplace(loop_, pipe_.second.get(), k_limit, [&] { loop_.stop(); });
    outlet->write(pattern(1'000'000));
    const Source later = loop_.after(5ms, [&] { pipe_.first.reset(); });

    loop_.run();

    EXPECT_TRUE(outlet->is_broken());
    EXPECT_FALSE(outlet->is_full());
}

TEST_F(OutletTest, WritesToARegularFileAtOnce) {
    const std::string text = pattern(2'000'000);
    const auto path = dir_.path() / "log";
    const base::UniqueFd file = base::open_file(path, O_WRONLY | O_CREAT, 0600);
    Outlet outlet{loop_, file.get(), k_limit, on_room_};

    outlet.write(text);

    EXPECT_EQ(outlet.pending(), 0U);
    EXPECT_TRUE(base::try_read_file(path) == text);
}

TEST_F(OutletTest, WritesToNothingAtOnce) {
    const base::UniqueFd null = base::open_file("/dev/null", O_WRONLY);
    Outlet outlet{loop_, null.get(), k_limit, on_room_};

    outlet.write(pattern(2'000'000));

    EXPECT_EQ(outlet.pending(), 0U);
    EXPECT_FALSE(outlet.is_broken());
}

TEST_F(OutletTest, DropsWhatAFullDiskDoesNotTake) {
    const base::UniqueFd full = base::open_file("/dev/full", O_WRONLY);
    Outlet outlet{loop_, full.get(), k_limit, on_room_};

    outlet.write("text");

    EXPECT_TRUE(outlet.is_broken());
    EXPECT_EQ(outlet.pending(), 0U);
}

TEST_F(OutletTest, DropsEverythingWhereThereIsNoDescriptor) {
    pipe_.second.reset();
    Outlet outlet{loop_, 1 << 20, k_limit, on_room_};

    outlet.write("text");

    EXPECT_TRUE(outlet.is_broken());
    EXPECT_EQ(outlet.pending(), 0U);
}

TEST_F(OutletTest, NeverBlocksOnATerminalThatNobodyReads) {
    int master = -1;
    int slave = -1;
    ASSERT_EQ(::openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
    const base::UniqueFd master_fd{master};
    const base::UniqueFd slave_fd{slave};
    test::BackgroundChild writer{[&] {
        Loop loop;
        Outlet outlet{loop, slave, k_limit, on_room_};
        outlet.write(std::string(1'000'000, 'x'));
        const Source end = loop.after(50ms, [&] { loop.stop(); });
        loop.run();
        return outlet.pending() > 0 ? 0 : 1;
    }};

    ASSERT_TRUE(test::becomes_readable(writer.pidfd(), 5s)) << "it is blocked";
    EXPECT_EQ(writer.wait(), base::ExitStatus{});
}

}  // namespace
}  // namespace ccci::event
