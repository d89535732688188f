#include "drone/client.hpp"

#include <fmt/format.h>

#include "http/refused.hpp"
#include "http/url.hpp"

namespace ccci::drone {

namespace {

constexpr int k_page_size = 100;

}  // namespace

Client::Client(http::Client& http, const std::string& server, const std::string& token,
               const std::string& repository)
    : http_{http},
      server_{http::without_slash(server)},
      authorization_{"Authorization: Bearer " + token},
      repository_{repository} {}

http::Answer Client::send(const std::string& method, const std::string& url) {
    return http_.send({.method = method, .url = url, .headers = {authorization_}});
}

std::optional<Build> Client::start(const std::string& branch, const Parameters& parameters) {
    std::string url =
        fmt::format("{}/api/repos/{}/builds?branch={}", server_, repository_, http::encode(branch));
    for (const auto& [name, value] : parameters) {
        url += fmt::format("&{}={}", http::encode(name), http::encode(value));
    }
    const http::Answer answer = send("POST", url);
    http::expect(answer, {200, 201}, fmt::format("start a build of {}", repository_));
    return parse_started(answer.body);
}

Build Client::build(std::int64_t number) {
    const http::Answer answer =
        send("GET", build_url(server_, {repository_, std::to_string(number)}));
    http::expect(answer, {200}, fmt::format("ask for build {} of {}", number, repository_));
    return parse_build(answer.body);
}

std::vector<Build> Client::builds(int page) {
    const http::Answer answer =
        send("GET", fmt::format("{}/api/repos/{}/builds?page={}&per_page={}", server_, repository_,
                                page, k_page_size));
    http::expect(answer, {200}, fmt::format("list builds of {}", repository_));
    return parse_builds(answer.body);
}

std::string Client::page_of(std::int64_t number) const {
    return fmt::format("{}/{}/{}", server_, repository_, number);
}

}  // namespace ccci::drone
