#include "etcd/refusal.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "base/text.hpp"
#include "etcd/json.hpp"

namespace ccci::etcd {

using nlohmann::json;
using Kind = Failure::Kind;

namespace {

/// The numbers of gRPC that etcd uses.
enum Code {
    k_invalid_argument = 3,
    k_deadline_exceeded = 4,
    k_not_found = 5,
    k_permission_denied = 7,
    k_resource_exhausted = 8,
    k_failed_precondition = 9,
    k_out_of_range = 11,
    k_unavailable = 14,
    k_unauthenticated = 16,
};

Refusal unavailable(const std::string& message) {
    // These two are said before a request is looked at. Of the others ("request timed out", "leader
    // changed", a connection that closes inside of the member) nobody knows.
    const bool is_undone = message == "etcdserver: no leader" ||
                           message == "etcdserver: rpc not supported for learner";
    return {.kind = Kind::unreachable, .ask_elsewhere = true, .is_undone = is_undone};
}

Refusal judge(std::int64_t code, const std::string& message) {
    switch (code) {
        case k_not_found:
            return {.kind = Kind::not_found};
        case k_permission_denied:
            return {.kind = Kind::denied};
        case k_unauthenticated:
            return {.kind = Kind::denied, .authenticate = true};
        case k_invalid_argument:
            if (message == "etcdserver: revision of auth store is old" ||
                message == "etcdserver: user name is empty") {
                return {.kind = Kind::denied, .authenticate = true};
            }
            if (message.starts_with("etcdserver: authentication failed")) {
                return {.kind = Kind::denied};
            }
            return {.kind = Kind::refused};
        case k_resource_exhausted:
            if (message.find("database space exceeded") != std::string::npos) {
                return {.kind = Kind::no_space};
            }
            // Too many requests, which this member did not let in.
            return {.kind = Kind::unreachable, .ask_elsewhere = true};
        case k_failed_precondition:
            return {.kind = Kind::refused,
                    .needs_no_token = message == "etcdserver: authentication is not enabled"};
        case k_out_of_range:
            return {.kind = message.find("compacted") != std::string::npos ? Kind::compacted
                                                                           : Kind::refused};
        case k_deadline_exceeded:
        case k_unavailable:
            return unavailable(message);
        default:
            return {.kind = Kind::refused, .is_undone = false};
    }
}

}  // namespace

std::optional<Refusal> read_refusal(std::string_view body) {
    try {
        const json answer = parse_object(body);
        const auto error = answer.find("error");
        // etcd 3.4 says the message twice, 3.5 has no `error` but in a stream.
        if (error == answer.end() && !(answer.contains("code") && answer.contains("message"))) {
            return std::nullopt;
        }
        const bool is_streamed = error != answer.end() && error->is_object();
        const json& said = is_streamed ? *error : answer;
        const std::string message = text_at(said, "message");
        Refusal refusal =
            judge(number_at(said, said.contains("grpc_code") ? "grpc_code" : "code"), message);
        refusal.reason = base::printable(message);
        return refusal;
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

std::optional<Refusal> refusal_in(const http::Outcome& outcome) {
    if (const auto* broken = std::get_if<http::Broken>(&outcome)) {
        return Refusal{.kind = broken->is_about_trust ? Kind::denied : Kind::unreachable,
                       .reason = broken->reason,
                       .ask_elsewhere = true,
                       .is_undone = !broken->was_sent};
    }
    const auto& answer = std::get<http::Answer>(outcome);
    if (auto refusal = read_refusal(answer.body)) {
        return refusal;
    }
    if (answer.status == 200) {
        return std::nullopt;
    }
    // Something in between that is not etcd.
    const bool is_passing = answer.status >= 500;
    return Refusal{.kind = is_passing ? Kind::unreachable : Kind::refused,
                   .reason = fmt::format("HTTP {}", answer.status),
                   .ask_elsewhere = is_passing,
                   .is_undone = !is_passing};
}

Refusal refusal_of(const WatchLine& cancelled) {
    if (cancelled.compact_revision > 0) {
        return {.kind = Kind::compacted,
                .reason = fmt::format("what was before revision {} is compacted",
                                      cancelled.compact_revision)};
    }
    const auto says = [&](std::string_view words) {
        return cancelled.reason.find(words) != std::string::npos;
    };
    const bool is_token = says("invalid auth token") || says("revision of auth store is old");
    // Another version says of a token that is no longer good that a permission is lacking.
    const bool is_denied = is_token || says("permission denied");
    return {.kind = is_denied ? Kind::denied : Kind::refused,
            .reason = fmt::format("the watch was cancelled: {}", base::printable(cancelled.reason)),
            .authenticate = is_denied};
}

}  // namespace ccci::etcd
