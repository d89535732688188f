#include "http/client.hpp"

#include <gtest/gtest.h>

#include "support/loopback_server.hpp"

namespace ccci::http {
namespace {

using test::LoopbackServer;

NoAnswer failure_of(const std::string& url) {
    Client client{std::chrono::seconds{5}};
    try {
        (void)client.send({.method = "POST", .url = url});
    } catch (const NoAnswer& failure) {
        return failure;
    }
    return NoAnswer{"none", false};
}

TEST(HttpClientTest, HasTheHeadersOfAnAnswer) {
    LoopbackServer server{[](const std::string&) {
        return LoopbackServer::answer("429 Too Many Requests", "{}",
                                      "Retry-AFTER:  7 \r\nX-Total-Count: 3\r\n");
    }};
    Client client{std::chrono::seconds{5}};

    const Answer answer = client.send({.url = server.url()});

    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.headers.at("retry-after"), "7");
    EXPECT_EQ(answer.headers.at("x-total-count"), "3");
}

TEST(HttpClientTest, KnowsThatNothingWasSentWhereNobodyListens) {
    std::string url;
    {
        const LoopbackServer server{[](const std::string&) { return ""; }};
        url = server.url();
    }

    EXPECT_FALSE(failure_of(url).was_sent());
}

TEST(HttpClientTest, DoesNotKnowWhatBecameOfARequestWhoseAnswerIsLost) {
    const LoopbackServer server{[](const std::string&) { return ""; }};

    EXPECT_TRUE(failure_of(server.url()).was_sent());
}

}  // namespace
}  // namespace ccci::http
