#include "recipe/health.hpp"

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <atomic>

#include "recipe/recipe_error.hpp"
#include "support/loopback_server.hpp"

namespace ccci::recipe {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::LoopbackServer;

steady_clock::time_point in(milliseconds span) {
    return steady_clock::now() + span;
}

TEST(HealthTest, EndsWithTheFirstExpectedAnswer) {
    std::atomic<int> requests = 0;
    const LoopbackServer server{[&](const std::string&) {
        return LoopbackServer::answer(++requests < 3 ? "502 Bad Gateway" : "200 OK", "hello");
    }};

    const Health health = wait_healthy(server.url(), {200}, in(milliseconds{10'000}));

    EXPECT_EQ(health.code, 200);
    EXPECT_EQ(requests, 3);
}

TEST(HealthTest, TakesARedirectForAnAnswer) {
    const LoopbackServer server{[](const std::string&) {
        return LoopbackServer::answer("302 Found", "", "Location: http://127.0.0.1:1/\r\n");
    }};

    EXPECT_EQ(wait_healthy(server.url(), {302}, in(milliseconds{5'000})).code, 302);
}

TEST(HealthTest, TellsTheLastFailure) {
    const LoopbackServer broken{
        [](const std::string&) { return LoopbackServer::answer("500 Internal Server Error"); }};

    EXPECT_EQ(wait_healthy(broken.url(), {200}, in(milliseconds{300})).last_failure, "HTTP 500");
    EXPECT_EQ(wait_healthy("http://127.0.0.1:1/", {200}, in(milliseconds{100})).last_failure,
              ::curl_easy_strerror(CURLE_COULDNT_CONNECT));
    EXPECT_FALSE(wait_healthy("file:///etc/hostname", {200}, in(milliseconds{1})).code);
}

TEST(HealthTest, AsksAtLeastOnceAndNotForever) {
    const LoopbackServer silent{[](const std::string&) { return std::string{}; }};
    const auto begin = steady_clock::now();

    const Health health = wait_healthy(silent.url(), {200}, begin - milliseconds{1});

    EXPECT_FALSE(health.code);
    EXPECT_FALSE(health.last_failure.empty());
    EXPECT_LT(steady_clock::now() - begin, milliseconds{2'000});
}

TEST(HealthUrlTest, IsThePathBelowTheUrl) {
    EXPECT_EQ(health_url("https://a.b/", ""), "https://a.b/");
    EXPECT_EQ(health_url("https://a.b/", "/up?x=1"), "https://a.b/up?x=1");
    EXPECT_EQ(health_url("http://127.0.0.1:80", "/up"), "http://127.0.0.1:80/up");
    EXPECT_EQ(health_url("https://a.b/c/", "/"), "https://a.b/c/");
}

TEST(AppUrlTest, ReplacesDomainAndPort) {
    EXPECT_EQ(app_url("https://{domain}/", "a.b", std::nullopt), "https://a.b/");
    EXPECT_EQ(app_url("http://127.0.0.1:{published_port}/?{domain}", "a.b", 30000),
              "http://127.0.0.1:30000/?a.b");
    EXPECT_THROW(app_url("http://{domain}:{published_port}/", "a.b", std::nullopt), RecipeError);
}

}  // namespace
}  // namespace ccci::recipe
