#include "http/async_client.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>

#include "base/endpoint.hpp"
#include "support/loopback_server.hpp"
#include "support/readiness.hpp"
#include "support/spawned_program.hpp"

namespace ccci::http {
namespace {

using test::LoopbackServer;

class AsyncClientTest : public testing::Test {
protected:
    Exchange exchange(const std::string& url, std::function<void(Outcome)> on_end) {
        return {.request = {.method = "POST", .url = url, .body = "{}"},
                .connect_limit = test::k_patience,
                .limit = test::k_patience,
                .on_end = std::move(on_end)};
    }

    /// Begins it, and waits for its end.
    Outcome outcome_of(Exchange exchange) {
        std::optional<Outcome> outcome;
        exchange.on_end = [&](Outcome end) {
            outcome = std::move(end);
            loop_.stop();
        };
        const Transfer transfer = client_.begin(std::move(exchange));
        loop_.run();
        return std::move(*outcome);
    }
    Outcome outcome_of(const std::string& url) { return outcome_of(exchange(url, {})); }

    event::Loop loop_;
    AsyncClient client_{loop_, {}};
};

/// Closes the connection in the middle of the second request of each, and counts them.
class KeepingServer {
public:
    KeepingServer()
        : socket_{base::listen_on("127.0.0.1:0")},
          url_{"http://" + base::endpoint_of(socket_.get())},
          thread_{[this] { serve(); }} {}
    KeepingServer(const KeepingServer&) = delete;
    KeepingServer& operator=(const KeepingServer&) = delete;
    ~KeepingServer() {
        (void)::shutdown(socket_.get(), SHUT_RDWR);
        (void)::shutdown(client_, SHUT_RDWR);
        thread_.join();
    }

    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] int requests() const { return requests_; }

private:
    void serve() {
        for (;;) {
            const base::UniqueFd client{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
            if (!client) {
                return;
            }
            client_ = client.get();
            for (int i = 0; i < 2 && read_request(client.get()); ++i) {
                ++requests_;
                const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                if (i == 0) {
                    (void)!::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
                }
            }
        }
    }
    static bool read_request(int fd) {
        std::string text;
        std::array<char, 4096> buffer;
        while (text.find("\r\n\r\n{}") == std::string::npos) {
            const ssize_t n = ::read(fd, buffer.data(), buffer.size());
            if (n <= 0) {
                return false;
            }
            text.append(buffer.data(), static_cast<std::size_t>(n));
        }
        return true;
    }

    base::UniqueFd socket_;
    std::string url_;
    std::atomic<int> client_ = -1;
    std::atomic<int> requests_ = 0;
    std::thread thread_;
};

TEST_F(AsyncClientTest, HasStatusHeadersAndBody) {
    LoopbackServer server{[](const std::string&) {
        return LoopbackServer::answer("404 Not Found", "no", "X-Kind: odd\r\n");
    }};

    const auto answer = std::get<Answer>(outcome_of(server.url()));

    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.body, "no");
    EXPECT_EQ(answer.headers.at("x-kind"), "odd");
}

TEST_F(AsyncClientTest, NeverCallsBackFromWithinTheCall) {
    bool called = false;

    const Transfer transfer =
        client_.begin(exchange("bogus://host", [&](const Outcome&) { called = true; }));

    EXPECT_FALSE(called);
}

TEST_F(AsyncClientTest, SpeaksNothingButHttp) {
    EXPECT_FALSE(std::get<Broken>(outcome_of("file:///etc/passwd")).was_sent);
}

TEST_F(AsyncClientTest, KnowsThatNothingWasSentWhereNobodyListens) {
    std::string url;
    {
        const LoopbackServer server{[](const std::string&) { return ""; }};
        url = server.url();
    }

    const auto broken = std::get<Broken>(outcome_of(url));

    EXPECT_FALSE(broken.was_sent);
    EXPECT_EQ(broken.reason, "Connection refused");
}

TEST_F(AsyncClientTest, KnowsThatNothingWasSentWhereConnectingTakesTooLong) {
    // A queue for connections that is full: the kernel answers nobody else.
    const base::UniqueFd server = base::listen_on("127.0.0.1:0");
    ASSERT_EQ(::listen(server.get(), 0), 0);
    const std::string url = "http://" + base::endpoint_of(server.get());
    const Transfer first = client_.begin(exchange(url, [](const Outcome&) {}));
    Exchange second = exchange(url, {});
    second.connect_limit = std::chrono::milliseconds{50};

    const auto broken = std::get<Broken>(outcome_of(std::move(second)));

    EXPECT_FALSE(broken.was_sent);
    EXPECT_EQ(broken.reason, "no connection in time");
}

TEST_F(AsyncClientTest, DoesNotKnowWhatBecameOfARequestWithoutAnAnswer) {
    const base::UniqueFd silent = base::listen_on("127.0.0.1:0");
    Exchange request = exchange("http://" + base::endpoint_of(silent.get()), {});
    request.limit = std::chrono::milliseconds{50};

    const auto broken = std::get<Broken>(outcome_of(std::move(request)));

    EXPECT_TRUE(broken.was_sent);
    EXPECT_EQ(broken.reason, "no answer in time");
}

TEST_F(AsyncClientTest, SendsOverAKeptConnectionThatBreaksASecondTime) {
    KeepingServer server;
    (void)outcome_of(server.url());

    const Outcome outcome = outcome_of(server.url());

    EXPECT_TRUE(std::holds_alternative<Answer>(outcome));
    EXPECT_EQ(server.requests(), 3);
}

TEST_F(AsyncClientTest, SendsNothingTwiceThatMayBeSentOnlyOnce) {
    KeepingServer server;
    (void)outcome_of(server.url());
    Exchange request = exchange(server.url(), {});
    request.only_once = true;

    const auto broken = std::get<Broken>(outcome_of(std::move(request)));

    EXPECT_TRUE(broken.was_sent);
    EXPECT_EQ(broken.reason, "the server closed the connection");
    EXPECT_EQ(server.requests(), 2);
}

TEST_F(AsyncClientTest, HandsOutAStreamPieceByPiece) {
    LoopbackServer server{[](const std::string&) {
        return LoopbackServer::answer("200 OK", std::string(100'000, 'x'));
    }};
    std::string body;
    Exchange request = exchange(server.url(), {});
    request.on_body = [&](std::string_view piece) { body += piece; };

    const auto answer = std::get<Answer>(outcome_of(std::move(request)));

    EXPECT_EQ(body, std::string(100'000, 'x'));
    EXPECT_EQ(answer.body, "");
}

TEST_F(AsyncClientTest, TakesNoMoreThanItsLimitAsAWhole) {
    LoopbackServer server{[](const std::string&) {
        return LoopbackServer::answer("200 OK", std::string(std::size_t{9} << 20, 'x'));
    }};

    EXPECT_TRUE(std::holds_alternative<Broken>(outcome_of(server.url())));
}

TEST_F(AsyncClientTest, CallsNobodyForATransferThatIsDestroyed) {
    LoopbackServer server{[](const std::string&) { return LoopbackServer::answer("200 OK"); }};
    bool called = false;
    Transfer dropped =
        client_.begin(exchange(server.url(), [&](const Outcome&) { called = true; }));
    dropped.reset();

    (void)outcome_of(server.url());

    EXPECT_FALSE(called);
}

TEST_F(AsyncClientTest, LetsACallbackEndItsOwnTransferAndBeginAnother) {
    LoopbackServer server{
        [](const std::string&) { return LoopbackServer::answer("200 OK", "body"); }};
    std::optional<Transfer> transfer;
    Transfer next;
    Exchange request = exchange(server.url(), [](const Outcome&) { FAIL() << "was ended"; });
    request.on_body = [&](std::string_view) {
        transfer.reset();
        next = client_.begin(exchange(server.url(), [&](const Outcome&) { loop_.stop(); }));
    };
    transfer = client_.begin(std::move(request));

    loop_.run();
}

TEST_F(AsyncClientTest, LetsACallbackEndTheTransfersOfOthers) {
    LoopbackServer server{[](const std::string&) { return LoopbackServer::answer("200 OK"); }};
    std::vector<Transfer> transfers(20);
    int ends = 0;
    for (Transfer& transfer : transfers) {
        transfer = client_.begin(exchange(server.url(), [&](const Outcome&) {
            ++ends;
            transfers.clear();
            loop_.stop();
        }));
    }

    loop_.run();

    EXPECT_EQ(ends, 1);
}

TEST_F(AsyncClientTest, DoesNotAskAProxyOfTheEnvironment) {
    LoopbackServer proxy{[](const std::string&) { return LoopbackServer::answer("502 Bad"); }};
    LoopbackServer server{[](const std::string&) { return LoopbackServer::answer("200 OK"); }};
    ASSERT_EQ(::setenv("http_proxy", proxy.url().c_str(), 1), 0);

    const auto answer = std::get<Answer>(outcome_of(server.url()));

    (void)::unsetenv("http_proxy");
    EXPECT_EQ(answer.status, 200);
}

TEST_F(AsyncClientTest, FollowsNoRedirect) {
    LoopbackServer other{[](const std::string&) { return LoopbackServer::answer("200 OK"); }};
    LoopbackServer server{[&](const std::string&) {
        return LoopbackServer::answer("307 Temporary Redirect", "",
                                      "Location: " + other.url() + "\r\n");
    }};

    EXPECT_EQ(std::get<Answer>(outcome_of(server.url())).status, 307);
}

TEST_F(AsyncClientTest, LeavesNothingToAProgramThatIsExecuted) {
    const base::UniqueFd silent = base::listen_on("127.0.0.1:0");
    const Transfer transfer =
        client_.begin(exchange("http://" + base::endpoint_of(silent.get()), [](const Outcome&) {}));
    const event::Source accepted = loop_.on_io(silent.get(), EPOLLIN, [&](auto) { loop_.stop(); });
    loop_.run();

    const test::SpawnedProgram program{{"sleep", "60"}};

    const std::filesystem::path fds = "/proc/" + std::to_string(program.pid()) + "/fd";
    for (const auto& entry : std::filesystem::directory_iterator{fds}) {
        EXPECT_FALSE(std::filesystem::read_symlink(entry.path()).native().starts_with("socket:"))
            << entry.path();
    }
}

}  // namespace
}  // namespace ccci::http
