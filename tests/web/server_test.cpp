#include "web/server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "base/endpoint.hpp"
#include "support/readiness.hpp"

namespace ccci::web {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// More than the sockets of both ends hold (tcp(7): tcp_wmem, tcp_rmem).
constexpr std::size_t k_big = std::size_t{24} << 20;

/// The other end, in the same loop: what it got, and whether the server has closed.
class Client {
public:
    Client(event::Loop& loop, int listener)
        : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        auto* any = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::getsockname(listener, any, &size), 0);
        EXPECT_EQ(::connect(socket_.get(), any, size), 0);
        io_ = loop.on_io(socket_.get(), EPOLLIN, [this](std::uint32_t) { read(); });
    }
    void say(const std::string& text) const {
        (void)!::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    }
    void hang_up() {
        io_.reset();
        socket_.reset();
    }
    /// From now on it takes nothing more.
    void stop_reading() { io_.enable(false); }
    void go_on_reading() { io_.enable(true); }

    std::string got;
    bool closed = false;

private:
    void read() {
        std::array<char, 65536> buffer;
        const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count > 0) {
            got.append(buffer.data(), static_cast<std::size_t>(count));
        } else {
            closed = true;
            io_.enable(false);
        }
    }

    base::UniqueFd socket_;
    event::Source io_;
};

class ServerTest : public testing::Test {
protected:
    ServerTest() {
        limits_.body = std::size_t{1} << 20;
        router_.get("/", [](const Request&) { return Answer{.body = "hello"}; });
        router_.get("/big", [](const Request&) { return Answer{.body = std::string(k_big, 'x')}; });
        router_.post("/", [](const Request& request) {
            return Answer{.body = std::to_string(request.body.size())};
        });
        router_.get("/events", [this](const Request&) {
            return Answer{.follow = [this](EventSink& sink) {
                sink_ = &sink;
                return std::shared_ptr<void>{nullptr, [this](void*) { sink_ = nullptr; }};
            }};
        });
        listeners_.push_back(base::listen_on("127.0.0.1:0"));
        listener_ = listeners_.front().get();
    }

    void start() { server_.emplace(loop_, std::move(listeners_), std::move(router_), limits_); }

    template <typename Condition>
    [[nodiscard]] bool turn_until(Condition condition, std::chrono::milliseconds span = 10s) {
        const event::Source limit = loop_.after(span, [this] { loop_.stop(); });
        event::Source check = loop_.after(0ms, [] {});
        bool met = false;
        check.before_waiting([&] {
            if (condition()) {
                met = true;
                loop_.stop();
            }
        });
        check.set_time(steady_clock::time_point::max());
        loop_.run();
        return met;
    }
    [[nodiscard]] static bool is_answered(const Client& client, const std::string& status) {
        return client.closed && client.got.rfind("HTTP/1.1 " + status, 0) == 0;
    }

    event::Loop loop_;
    Limits limits_;
    EventSink* sink_ = nullptr;
    Router router_{[](const std::string& line) { ADD_FAILURE() << line; }};
    std::vector<base::UniqueFd> listeners_;
    int listener_ = -1;
    std::optional<Server> server_;
};

TEST_F(ServerTest, AnswersAndCloses) {
    start();
    Client client{loop_, listener_};

    client.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    EXPECT_TRUE(turn_until([&] { return is_answered(client, "200"); }));
    EXPECT_EQ(client.got.substr(client.got.size() - 5), "hello");
}

TEST_F(ServerTest, AnswersWhatComesByteByByte) {
    start();
    Client client{loop_, listener_};

    for (const char c : std::string{"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"}) {
        client.say(std::string(1, c));
        (void)turn_until([] { return false; }, 1ms);
    }

    EXPECT_TRUE(turn_until([&] { return is_answered(client, "200"); }));
}

TEST_F(ServerTest, ASlowAnswerKeepsNobodyWaiting) {
    start();
    Client slow{loop_, listener_};
    Client quick{loop_, listener_};
    slow.stop_reading();

    slow.say("GET /big HTTP/1.1\r\n\r\n");
    quick.say("GET / HTTP/1.1\r\n\r\n");

    EXPECT_TRUE(turn_until([&] { return is_answered(quick, "200"); }));
}

TEST_F(ServerTest, SendsAnAnswerThatIsBiggerThanTheSocketsBuffer) {
    start();
    Client client{loop_, listener_};

    client.say("GET /big HTTP/1.1\r\n\r\n");

    EXPECT_TRUE(turn_until([&] { return is_answered(client, "200"); }));
    EXPECT_GT(client.got.size(), k_big);
}

TEST_F(ServerTest, WhoeverSpeaksTooSlowlyIsTurnedOutAfterTheTimeForARequest) {
    limits_.request = 100ms;
    start();
    Client client{loop_, listener_};
    event::Source drip;
    drip = loop_.after(1ms, [&] {
        client.say("a");
        drip.set_time(steady_clock::now() + 10ms);
    });
    const auto begun = steady_clock::now();

    client.say("GET / HTTP/1.1\r\nX: ");

    EXPECT_TRUE(turn_until([&] { return is_answered(client, "408"); }));
    EXPECT_GE(steady_clock::now() - begun, 90ms);
}

TEST_F(ServerTest, WhoeverDoesNotTakeItsAnswerIsTurnedOut) {
    limits_.answer = 100ms;
    start();
    Client client{loop_, listener_};
    client.stop_reading();
    client.say("GET /big HTTP/1.1\r\n\r\n");
    (void)turn_until([] { return false; }, 300ms);

    client.go_on_reading();

    EXPECT_TRUE(turn_until([&] { return client.closed; }));
    EXPECT_LT(client.got.size(), k_big);  // what was in flight
}

TEST_F(ServerTest, TellsWhoeverSendsTooMuchAlthoughItIsStillSending) {
    start();
    Client client{loop_, listener_};

    client.say("POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n" +
               std::string(std::size_t{256} * 1024, 'x'));

    EXPECT_TRUE(turn_until([&] { return is_answered(client, "413"); }));
}

TEST_F(ServerTest, ThoseWhoSayNothingMakeRoomForThoseWhoDo) {
    limits_.connections = 8;
    start();
    std::vector<std::unique_ptr<Client>> silent;
    for (int i = 0; i < 20; ++i) {
        silent.push_back(std::make_unique<Client>(loop_, listener_));
    }
    Client client{loop_, listener_};

    client.say("GET / HTTP/1.1\r\n\r\n");

    EXPECT_TRUE(turn_until([&] { return is_answered(client, "200"); }));
    EXPECT_TRUE(silent.front()->closed);
}

TEST_F(ServerTest, FollowersTakeNoMoreThanAllPlaces) {
    limits_.connections = 2;
    start();
    Client first{loop_, listener_};
    Client second{loop_, listener_};
    first.say("GET /events HTTP/1.1\r\n\r\n");
    second.say("GET /events HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(turn_until([&] { return !first.got.empty() && !second.got.empty(); }));

    Client third{loop_, listener_};

    EXPECT_TRUE(turn_until([&] { return third.closed; }));
    EXPECT_FALSE(first.closed || second.closed);
}

TEST_F(ServerTest, StreamsEventsUntilTheStreamEnds) {
    start();
    Client client{loop_, listener_};
    client.say("GET /events HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(turn_until([&] { return sink_ != nullptr; }));

    sink_->send("line", "one");
    EXPECT_TRUE(turn_until([&] { return client.got.find("data: one\n\n") != std::string::npos; }));
    EXPECT_FALSE(client.closed);
    sink_->send("line", "two");
    sink_->end();

    EXPECT_TRUE(turn_until([&] { return client.closed; }));
    EXPECT_NE(client.got.find("data: two\n\n"), std::string::npos);
}

TEST_F(ServerTest, AFollowerEndsWithItsClient) {
    start();
    Client client{loop_, listener_};
    client.say("GET /events HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(turn_until([&] { return sink_ != nullptr; }));

    client.hang_up();

    EXPECT_TRUE(turn_until([&] { return sink_ == nullptr; }));
}

TEST_F(ServerTest, AClientThatDoesNotKeepUpIsGivenUp) {
    limits_.backlog = 100'000;
    start();
    Client client{loop_, listener_};
    client.stop_reading();
    client.say("GET /events HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(turn_until([&] { return sink_ != nullptr; }));
    event::Source flood;
    flood = loop_.after(0ms, [&] {
        if (sink_ != nullptr) {
            sink_->send("", std::string(100'000, 'x'));
            flood.set_time(steady_clock::now());
        }
    });

    EXPECT_TRUE(turn_until([&] { return sink_ == nullptr; }));
}

TEST_F(ServerTest, EndsWithItsFollowers) {
    start();
    Client client{loop_, listener_};
    client.say("GET /events HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(turn_until([&] { return sink_ != nullptr; }));

    server_.reset();

    EXPECT_EQ(sink_, nullptr);
    EXPECT_TRUE(turn_until([&] { return client.closed; }));
}

TEST_F(ServerTest, ABurstIsAnsweredWhole) {
    start();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 400; ++i) {
        clients.push_back(std::make_unique<Client>(loop_, listener_));
        clients.back()->say("GET / HTTP/1.1\r\n\r\n");
    }

    EXPECT_TRUE(turn_until([&] {
        return std::all_of(clients.begin(), clients.end(),
                           [](const auto& client) { return is_answered(*client, "200"); });
    }));
}

}  // namespace
}  // namespace ccci::web
