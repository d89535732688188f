#include "web/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace ccci::web {
namespace {

class RouterTest : public testing::Test {
protected:
    Reply ask(const std::string& first_line, const std::string& body = "") {
        return router_.reply(first_line + "\r\nHost: a\r\nContent-Length: " +
                             std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    static bool has_line(const Reply& reply, const std::string& line) {
        const std::string head = reply.bytes.substr(0, reply.bytes.find("\r\n\r\n") + 2);
        return head.find("\r\n" + line + "\r\n") != std::string::npos;
    }
    static std::string status(const Reply& reply) { return reply.bytes.substr(9, 3); }
    static std::string body(const Reply& reply) {
        return reply.bytes.substr(reply.bytes.find("\r\n\r\n") + 4);
    }

    std::string failure_;
    Router router_{[this](const std::string& line) { failure_ = line; }};
};

TEST_F(RouterTest, GivesTheHandlerWhatWasAsked) {
    Request seen;
    router_.post("/hooks/([a-z]+)", [&](const Request& request) {
        seen = request;
        return Answer{.status = 202, .body = "taken\n"};
    });

    const Reply reply = ask("POST /hooks/gitea?a=%20b&c HTTP/1.1", "{}");

    EXPECT_EQ(status(reply), "202");
    EXPECT_EQ(body(reply), "taken\n");
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.path, "/hooks/gitea");
    EXPECT_EQ(seen.captures, std::vector<std::string>{"gitea"});
    EXPECT_EQ(seen.parameter("a"), " b");
    EXPECT_EQ(seen.header("host"), "a");
    EXPECT_EQ(seen.body, "{}");
}

TEST_F(RouterTest, AnswersAreClosedUnstoredAndStrict) {
    router_.get("/", [](const Request&) { return Answer{.body = "x"}; });

    for (const Reply& reply : {ask("GET / HTTP/1.1"), ask("GET /none HTTP/1.1"),
                               Router::refusal(413), ask("nonsense")}) {
        EXPECT_TRUE(has_line(reply, "Connection: close")) << reply.bytes;
        EXPECT_TRUE(has_line(reply, "Cache-Control: no-store")) << reply.bytes;
        EXPECT_TRUE(has_line(reply, "X-Content-Type-Options: nosniff")) << reply.bytes;
        EXPECT_NE(reply.bytes.find("Content-Security-Policy: default-src 'none'"),
                  std::string::npos);
        EXPECT_TRUE(has_line(reply, "Content-Length: " + std::to_string(body(reply).size())));
    }
}

TEST_F(RouterTest, AHandlerMayReplaceAHeader) {
    router_.get("/", [](const Request&) {
        return Answer{.body = "x", .headers = {{"Cache-Control", "max-age=60"}}};
    });

    const Reply reply = ask("GET / HTTP/1.1");

    EXPECT_TRUE(has_line(reply, "Cache-Control: max-age=60"));
    EXPECT_FALSE(has_line(reply, "Cache-Control: no-store"));
}

TEST_F(RouterTest, APatternMatchesTheWholePath) {
    router_.get("/runs/([0-9]+)", [](const Request&) { return Answer{}; });

    EXPECT_EQ(status(ask("GET /runs/7 HTTP/1.1")), "200");
    EXPECT_EQ(status(ask("GET /runs/7/ HTTP/1.1")), "404");
    EXPECT_EQ(status(ask("GET /x/runs/7 HTTP/1.1")), "404");
    EXPECT_EQ(status(ask("GET /runs/..%2F7 HTTP/1.1")), "404");
}

TEST_F(RouterTest, AHeadHasNoBody) {
    router_.get("/", [](const Request&) { return Answer{.body = "four"}; });

    const Reply reply = ask("HEAD / HTTP/1.1");

    EXPECT_EQ(body(reply), "");
    EXPECT_TRUE(has_line(reply, "Content-Length: 4"));
}

TEST_F(RouterTest, WhatIsNoRequestIsRefused) {
    EXPECT_EQ(status(ask("nonsense")), "400");
    EXPECT_EQ(status(ask("BREW / HTTP/1.1")), "400");
    EXPECT_EQ(status(ask("GET /" + std::string(9000, 'a') + " HTTP/1.1")), "414");
    EXPECT_EQ(status(ask("DELETE / HTTP/1.1")), "404");
}

TEST_F(RouterTest, WhatAHandlerThrowsIsToldToUsAndNotToTheClient) {
    router_.get("/", [](const Request&) -> Answer { throw std::runtime_error{"read /secret"}; });

    const Reply reply = ask("GET / HTTP/1.1");

    EXPECT_EQ(status(reply), "500");
    EXPECT_EQ(reply.bytes.find("secret"), std::string::npos);
    EXPECT_EQ(failure_, "GET /: read /secret");
}

TEST_F(RouterTest, AStreamBeginsWithAHeadThatSaysNoLength) {
    router_.get("/events", [](const Request&) {
        return Answer{.follow = [](EventSink&) { return std::make_shared<int>(0); }};
    });

    const Reply reply = ask("GET /events HTTP/1.1");

    EXPECT_TRUE(reply.follow);
    EXPECT_TRUE(has_line(reply, "Content-Type: text/event-stream"));
    EXPECT_EQ(reply.bytes.find("Content-Length"), std::string::npos);
    EXPECT_EQ(reply.bytes.find("chunked"), std::string::npos);
    EXPECT_EQ(body(reply), "");
    EXPECT_FALSE(ask("HEAD /events HTTP/1.1").follow);
}

}  // namespace
}  // namespace ccci::web
