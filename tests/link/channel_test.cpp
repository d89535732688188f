#include "link/channel.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <stdexcept>
#include <vector>

#include "base/files.hpp"
#include "support/forked_child.hpp"
#include "support/readiness.hpp"
#include "support/signal_state.hpp"

namespace ccci::link {
namespace {

using namespace std::chrono_literals;

struct Packet {
    Kind kind;
    std::string payload;
    bool operator==(const Packet&) const = default;
};

/// One Channel on a loop; the other end is a bare descriptor.
class ChannelTest : public testing::Test {
protected:
    ChannelTest() {
        auto [ours, theirs] = make_link();
        theirs_ = std::move(theirs);
        channel_.emplace(
            loop_, std::move(ours),
            [this](Kind kind, std::string_view payload) {
                on_packet_({kind, std::string{payload}});
            },
            [this] {
                ++closed_;
                loop_.stop();
            },
            [this] { ++rooms_; });
    }

    void send_raw(std::string_view packet) const {
        ASSERT_EQ(::send(theirs_.get(), packet.data(), packet.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(packet.size()));
    }

    bool send(Kind kind, std::string_view payload) const {
        return send_now(theirs_.get(), kind, payload, test::k_patience);
    }

    /// The next packet as it is on the wire; nullopt at the end, or when there is none for now.
    std::optional<std::string> receive_raw() const {
        std::string packet(100'000, '\0');
        const ssize_t n = ::recv(theirs_.get(), packet.data(), packet.size(), MSG_DONTWAIT);
        if (n <= 0) {
            return std::nullopt;
        }
        packet.resize(static_cast<std::size_t>(n));
        return packet;
    }

    test::SignalState restore_;
    event::Loop loop_;
    event::Source limit_ =
        loop_.after(test::k_patience, [] { throw std::runtime_error{"nothing happened"}; });
    base::UniqueFd theirs_;
    std::vector<Packet> packets_;
    std::function<void(Packet)> on_packet_ = [this](Packet p) { packets_.push_back(std::move(p)); };
    int closed_ = 0;
    int rooms_ = 0;
    std::optional<Channel> channel_;
};

TEST_F(ChannelTest, BothEndsAreCloseOnExec) {
    const auto [one, other] = make_link();

    EXPECT_EQ(::fcntl(one.get(), F_GETFD), FD_CLOEXEC);
    EXPECT_EQ(::fcntl(other.get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(ChannelTest, DeliversPacketsInOrderAndWholeAndThenTheEnd) {
    std::vector<Packet> sent;
    for (const Kind kind : {Kind::hello, Kind::out, Kind::err, Kind::line, Kind::cancel,
                            Kind::request_part, Kind::request_end, Kind::verdict}) {
        for (const std::size_t size : {std::size_t{0}, std::size_t{1}, k_max_payload}) {
            sent.push_back({kind, std::string(size, static_cast<char>(kind))});
        }
    }
    test::BackgroundChild sender{[&] {
        const bool good = std::ranges::all_of(
            sent, [&](const Packet& packet) { return send(packet.kind, packet.payload); });
        return good ? 0 : 1;
    }};
    theirs_.reset();

    loop_.run();

    EXPECT_EQ(packets_, sent);
    EXPECT_EQ(closed_, 1);
    EXPECT_FALSE(channel_->is_open());
    EXPECT_TRUE(sender.wait().success());
}

TEST_F(ChannelTest, CarriesARequestOfAnySize) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, k_max_payload - 1, k_max_payload,
                                   k_max_payload + 1, std::size_t{300'000}}) {
        std::string request(size, '\0');
        std::minstd_rand random{static_cast<unsigned>(size)};
        std::ranges::generate(request, [&] { return static_cast<char>(random()); });
        event::Loop loop;
        auto [ours, theirs] = make_link();
        Channel sender{loop, std::move(ours), [](Kind, std::string_view) {}, [] {}};
        std::string received;
        Channel receiver{loop, std::move(theirs),
                         [&](Kind kind, std::string_view payload) {
                             received += payload;
                             if (kind == Kind::request_end) {
                                 loop.stop();
                             } else {
                                 EXPECT_EQ(kind, Kind::request_part);
                             }
                         },
                         [] {}};

        sender.send_request(request);
        loop.run();

        EXPECT_TRUE(received == request) << size;
    }
}

TEST_F(ChannelTest, SplitsOutputAndKeepsItsOrder) {
    std::string text(5 * k_max_payload + 7, '\0');
    std::minstd_rand random{5};
    std::ranges::generate(text, [&] { return static_cast<char>(random()); });
    channel_->send(Kind::out, text);
    std::string received;
    const event::Source reader = loop_.on_io(theirs_.get(), EPOLLIN, [&](std::uint32_t) {
        const auto packet = receive_raw();
        EXPECT_EQ(packet->front(), 'O');
        EXPECT_LE(packet->size(), k_max_payload + 1);
        received += packet->substr(1);
        if (received.size() == text.size()) {
            loop_.stop();
        }
    });

    loop_.run();

    EXPECT_TRUE(received == text);
}

// A killed harness is followed by its unit's ExecStopPost on the same link.
TEST_F(ChannelTest, IsNeverTornByAWriterThatIsKilled) {
    std::minstd_rand random{3};
    for (int round = 0; round < 20; ++round) {
        event::Loop loop;
        const event::Source limit =
            loop.after(test::k_patience, [] { throw std::runtime_error{"nothing happened"}; });
        auto [ours, other] = make_link();
        base::UniqueFd theirs = std::move(other);
        std::size_t received = 0;
        const std::size_t kill_after = 1 + random() % 200;
        bool verdict = false;
        test::BackgroundChild writer{[&, fd = theirs.get()]() -> int {
            const std::string payload(40'000, 'x');
            for (std::size_t n = 0;; ++n) {
                (void)send_now(fd, Kind::out, std::string_view{payload}.substr(n % 1000),
                               test::k_patience);
            }
        }};
        Channel channel{loop, std::move(ours),
                        [&](Kind kind, std::string_view payload) {
                            if (kind == Kind::verdict) {
                                EXPECT_EQ(payload, "the verdict");
                                verdict = true;
                                return;
                            }
                            EXPECT_EQ(kind, Kind::out);
                            EXPECT_EQ(payload.size(), 40'000 - received % 1000);
                            EXPECT_EQ(payload.find_first_not_of('x'), std::string_view::npos);
                            if (++received == kill_after) {
                                writer.signal(SIGKILL);
                            }
                        },
                        [&] { loop.stop(); }};
        std::optional<test::BackgroundChild> next;
        event::Source dead;
        dead = loop.on_io(writer.pidfd(), EPOLLIN, [&](std::uint32_t) {
            dead.reset();
            next.emplace([fd = theirs.get()] {
                return send_now(fd, Kind::verdict, "the verdict", test::k_patience) ? 0 : 1;
            });
            theirs.reset();
        });

        loop.run();

        EXPECT_TRUE(verdict);
        EXPECT_GE(received, kill_after);
    }
}

// Breaking it: without ECONNRESET in Channel::receive() the verdict is lost.
TEST_F(ChannelTest, ReadsTheVerdictOfAPeerThatLeftOurPacketsUnread) {
    channel_->send(Kind::cancel, "the peer will never read this");
    ASSERT_TRUE(channel_->is_drained());
    ASSERT_TRUE(send(Kind::line, "last words"));
    ASSERT_TRUE(send(Kind::verdict, "passed"));

    theirs_.reset();
    loop_.run();

    EXPECT_EQ(packets_,
              (std::vector<Packet>{{Kind::line, "last words"}, {Kind::verdict, "passed"}}));
    EXPECT_EQ(closed_, 1);
}

TEST_F(ChannelTest, ReadsTheVerdictWhenItCannotSendAnyMore) {
    while (!channel_->is_full()) {
        channel_->send(Kind::out, std::string(k_max_payload, 'x'));
    }
    ASSERT_TRUE(send(Kind::verdict, "passed"));

    theirs_.reset();
    channel_->send(Kind::cancel, "too late");
    loop_.run();

    EXPECT_EQ(packets_, (std::vector<Packet>{{Kind::verdict, "passed"}}));
    EXPECT_EQ(closed_, 1);
    EXPECT_EQ(channel_->pending(), 0U);
}

TEST_F(ChannelTest, SaysWhenItIsFullAndWhenThereIsRoomAgain) {
    const std::string part(k_max_payload, 'x');
    std::size_t sent = 0;
    while (!channel_->is_full()) {
        channel_->send(Kind::out, part);
        ++sent;
        ASSERT_LT(sent, 1000U);
    }
    EXPECT_FALSE(channel_->is_drained());
    EXPECT_EQ(rooms_, 0);
    std::size_t received = 0;
    std::optional<std::size_t> pending_at_room;
    const event::Source reader = loop_.on_io(theirs_.get(), EPOLLIN, [&](std::uint32_t) {
        while (receive_raw()) {
            ++received;
        }
        if (rooms_ == 1 && !pending_at_room) {
            pending_at_room = channel_->pending();
        }
        if (received == sent) {
            loop_.stop();
        }
    });

    loop_.run();

    EXPECT_EQ(rooms_, 1);
    ASSERT_TRUE(pending_at_room);
    EXPECT_LE(*pending_at_room, std::size_t{1} << 19);
    EXPECT_TRUE(channel_->is_drained());
    EXPECT_FALSE(channel_->is_full());
}

TEST_F(ChannelTest, StaysResponsiveWhileThePeerReadsNothing) {
    event::Loop::block_signals({SIGUSR1});
    while (!channel_->is_full()) {
        channel_->send(Kind::out, std::string(k_max_payload, 'x'));
    }
    bool signalled = false;
    const event::Source signal = loop_.on_signal(SIGUSR1, [&](const signalfd_siginfo&) {
        signalled = true;
        loop_.stop();
    });

    (void)::kill(::getpid(), SIGUSR1);
    loop_.run();

    EXPECT_TRUE(signalled);
}

TEST_F(ChannelTest, DeliversNothingWhileReadingIsPaused) {
    ASSERT_TRUE(send(Kind::line, "one"));
    channel_->pause_reading(true);
    ASSERT_TRUE(send(Kind::line, "two"));
    const event::Source later = loop_.after(20ms, [&] {
        EXPECT_TRUE(packets_.empty());
        theirs_.reset();
        channel_->pause_reading(false);
    });

    loop_.run();

    EXPECT_EQ(packets_, (std::vector<Packet>{{Kind::line, "one"}, {Kind::line, "two"}}));
    EXPECT_EQ(closed_, 1);
}

TEST_F(ChannelTest, MayBePausedFromWithinAPacket) {
    on_packet_ = [&](Packet packet) {
        packets_.push_back(std::move(packet));
        channel_->pause_reading(true);
    };
    ASSERT_TRUE(send(Kind::line, "one"));
    ASSERT_TRUE(send(Kind::line, "two"));
    const event::Source later = loop_.after(20ms, [&] {
        EXPECT_EQ(packets_.size(), 1U);
        loop_.stop();
    });

    loop_.run();
}

TEST_F(ChannelTest, DoesNotSpinOnTheEndWhileReadingIsPaused) {
    int turns = 0;
    event::Source counter = loop_.after(1h, [] {});
    counter.before_waiting([&] { ++turns; });
    channel_->pause_reading(true);
    theirs_.reset();
    const event::Source end = loop_.after(50ms, [&] { loop_.stop(); });

    loop_.run();

    EXPECT_LT(turns, 10);
    EXPECT_EQ(closed_, 0);
}

TEST_F(ChannelTest, DoesNotSpinOnTheEndWhileThePausedOneHasMuchToSend) {
    while (!channel_->is_full()) {
        channel_->send(Kind::out, std::string(k_max_payload, 'x'));
    }
    int turns = 0;
    event::Source counter = loop_.after(1h, [] {});
    counter.before_waiting([&] { ++turns; });
    channel_->pause_reading(true);
    theirs_.reset();
    const event::Source resume = loop_.after(50ms, [&] {
        EXPECT_LT(turns, 10);
        channel_->pause_reading(false);
    });

    loop_.run();

    EXPECT_EQ(closed_, 1);
}

TEST_F(ChannelTest, IgnoresPacketsOfNoKnownKind) {
    std::minstd_rand random{7};
    int good = 0;
    const event::Source writer = loop_.on_io(theirs_.get(), EPOLLOUT, [&](std::uint32_t) {
        if (++good == 1000) {
            theirs_.reset();
            loop_.stop();
            return;
        }
        std::string garbage(1 + random() % 200, '\0');
        std::ranges::generate(garbage, [&] { return static_cast<char>(random()); });
        if (std::string_view{"rRCHOELVF"}.find(garbage.front()) != std::string_view::npos) {
            garbage.front() = '\0';
        }
        send_raw(garbage);
    });
    send_raw(std::string(90'000, 'z'));
    ASSERT_TRUE(send(Kind::line, "a good one"));

    loop_.run();

    EXPECT_EQ(packets_, (std::vector<Packet>{{Kind::line, "a good one"}}));
}

TEST_F(ChannelTest, DropsWhatIsSentAfterTheEnd) {
    theirs_.reset();
    loop_.run();
    ASSERT_EQ(closed_, 1);

    channel_->send(Kind::out, "text");
    channel_->send_request("text");
    channel_->pause_reading(true);

    EXPECT_TRUE(channel_->is_drained());
    EXPECT_FALSE(channel_->is_full());
    EXPECT_EQ(closed_, 1);
}

TEST_F(ChannelTest, EndsOnlyWithTheLastCopyOfTheOtherEnd) {
    base::UniqueFd copy = base::duplicate(theirs_.get());
    theirs_.reset();
    const event::Source later = loop_.after(20ms, [&] {
        EXPECT_EQ(closed_, 0);
        copy.reset();
    });

    loop_.run();

    EXPECT_EQ(closed_, 1);
}

TEST_F(ChannelTest, SurvivesAnEndWithoutSigpipe) {
    const base::ExitStatus status = test::run_in_child([] {
        event::Loop loop;
        auto [ours, theirs] = make_link();
        Channel channel{loop, std::move(ours), [](Kind, std::string_view) {}, [&] { loop.stop(); }};
        theirs.reset();
        channel.send(Kind::out, "text");
        loop.run();
        return 0;
    });

    EXPECT_EQ(status, base::ExitStatus{}) << describe(status);
}

TEST(SendNowTest, TellsThatNobodyReads) {
    auto [ours, theirs] = make_link();
    const std::string payload(k_max_payload, 'x');
    int sent = 0;
    while (send_now(ours.get(), Kind::out, payload, 1ms)) {
        ASSERT_LT(++sent, 1000);
    }

    theirs.reset();

    EXPECT_FALSE(send_now(ours.get(), Kind::out, payload, test::k_patience));
}

TEST(SendNowTest, WaitsForAReader) {
    auto [ours, theirs] = make_link();
    const std::string payload(k_max_payload, 'x');
    test::BackgroundChild writer{[&, fd = ours.get()] {
        for (int n = 0; n < 100; ++n) {
            if (!send_now(fd, Kind::out, payload, test::k_patience)) {
                return 1;
            }
        }
        return 0;
    }};
    ours.reset();
    int received = 0;
    std::array<char, k_max_payload + 1> buffer;
    while (::recv(theirs.get(), buffer.data(), buffer.size(), 0) > 0) {
        ++received;
    }

    EXPECT_EQ(received, 100);
    EXPECT_TRUE(writer.wait().success());
}

}  // namespace
}  // namespace ccci::link
