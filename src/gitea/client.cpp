#include "gitea/client.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "http/date.hpp"
#include "http/refused.hpp"
#include "http/url.hpp"

namespace ccci::gitea {

namespace {

using http::encode;
using nlohmann::json;

/// Gitea gives 50 at most, and an operator may have set less.
constexpr int k_page_size = 50;

std::string dump(const json& body) {
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<std::size_t> count_in(const http::Answer& answer, const char* header) {
    const auto found = answer.headers.find(header);
    constexpr std::size_t k_most_digits = 9;
    if (found == answer.headers.end() || found->second.empty() ||
        found->second.size() > k_most_digits ||
        found->second.find_first_not_of("0123456789") != std::string::npos) {
        return std::nullopt;
    }
    return std::stoull(found->second);
}

}  // namespace

Client::Client(http::Client& http, const std::string& server, const std::string& token)
    : http_{http},
      api_{http::without_slash(server) + "/api/v1"},
      authorization_{"Authorization: token " + token} {}

http::Answer Client::send(const std::string& method, const std::string& path,
                          const std::string& body) {
    http::Request request{.method = method,
                          .url = api_ + path,
                          .headers = {authorization_, "Accept: application/json"},
                          .body = body};
    if (!body.empty()) {
        request.headers.emplace_back("Content-Type: application/json");
    }
    return http_.send(request);
}

Client::Listed Client::comments_since(const std::string& repository, Time since, int page) {
    const http::Answer answer =
        send("GET", fmt::format("/repos/{}/issues/comments?since={}&page={}&limit={}", repository,
                                encode(format_time(since)), page, k_page_size));
    http::expect(answer, {200}, fmt::format("list comments of {}", repository));
    Listed listed{.page = parse_comments(answer.body),
                  .total = count_in(answer, "x-total-count"),
                  .server_time = {}};
    if (const auto date = answer.headers.find("date"); date != answer.headers.end()) {
        listed.server_time = http::parse_date(date->second);
    }
    return listed;
}

Head Client::pull_request(const std::string& repository, std::int64_t number) {
    const http::Answer answer = send("GET", fmt::format("/repos/{}/pulls/{}", repository, number));
    http::expect(answer, {200}, fmt::format("look up pull request {} of {}", number, repository));
    return parse_pull_request(answer.body);
}

std::optional<bool> Client::is_member(const std::string& organization, const std::string& user) {
    const http::Answer answer =
        send("GET", fmt::format("/orgs/{}/members/{}", encode(organization), encode(user)));
    // Whoever is not in the organisation is sent to the list of its public members.
    http::expect(answer, {204, 302, 303, 404}, fmt::format("look up a member of {}", organization));
    if (answer.status == 302 || answer.status == 303) {
        return std::nullopt;
    }
    return answer.status == 204;
}

bool Client::is_collaborator(const std::string& repository, const std::string& user) {
    const http::Answer answer =
        send("GET", fmt::format("/repos/{}/collaborators/{}", repository, encode(user)));
    // 422: there is no such user (any more).
    http::expect(answer, {204, 404, 422}, fmt::format("look up a collaborator of {}", repository));
    return answer.status == 204;
}

std::int64_t Client::make_comment(const std::string& repository, std::int64_t pull_request,
                                  const std::string& body) {
    const http::Answer answer =
        send("POST", fmt::format("/repos/{}/issues/{}/comments", repository, pull_request),
             dump({{"body", body}}));
    http::expect(answer, {201}, fmt::format("comment on {}#{}", repository, pull_request));
    return parse_id(answer.body);
}

void Client::edit_comment(const std::string& repository, std::int64_t comment,
                          const std::string& body) {
    const http::Answer answer =
        send("PATCH", fmt::format("/repos/{}/issues/comments/{}", repository, comment),
             dump({{"body", body}}));
    http::expect(answer, {200}, fmt::format("edit comment {} of {}", comment, repository));
}

std::optional<std::int64_t> Client::find_comment(const std::string& repository,
                                                 std::int64_t pull_request,
                                                 const std::string& marker, Time since) {
    // This list has no pages (routers/api/v1/repo/issue_comment.go, ListIssueComments).
    const http::Answer answer =
        send("GET", fmt::format("/repos/{}/issues/{}/comments?since={}", repository, pull_request,
                                encode(format_time(since))));
    http::expect(answer, {200}, fmt::format("list comments of {}#{}", repository, pull_request));
    return gitea::find_comment(answer.body, marker);
}

void Client::set_status(const std::string& repository, const std::string& commit,
                        const CommitStatus& status) {
    json body{
        {"state", status.state}, {"context", status.context}, {"description", status.description}};
    if (!status.url.empty()) {
        body["target_url"] = status.url;
    }
    const http::Answer answer =
        send("POST", fmt::format("/repos/{}/statuses/{}", repository, encode(commit)), dump(body));
    http::expect(answer, {201}, fmt::format("set the status of a commit of {}", repository));
}

std::string Client::login() {
    const http::Answer answer = send("GET", "/user");
    http::expect(answer, {200}, "ask who the token's user is");
    return parse_login(answer.body);
}

bool Client::may_push(const std::string& repository, const std::string& user) {
    const http::Answer answer =
        send("GET", fmt::format("/repos/{}/collaborators/{}/permission", repository, encode(user)));
    http::expect(answer, {200}, fmt::format("ask for the rights of a user on {}", repository));
    const std::string right = parse_permission(answer.body);
    return right == "write" || right == "admin" || right == "owner";
}

}  // namespace ccci::gitea
