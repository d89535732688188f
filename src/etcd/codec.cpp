#include "etcd/codec.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "base/base64.hpp"
#include "base/duration.hpp"
#include "etcd/json.hpp"

namespace ccci::etcd {

using nlohmann::json;

namespace {

Message message(const char* path, const json& body) {
    // A password may be any bytes: a wrong one then, and not an exception.
    return {path, body.dump(-1, ' ', false, json::error_handler_t::replace)};
}

json json_from(const Keys& keys) {
    json out{{"key", base::to_base64(keys.key)}};
    if (const std::string end = keys.range_end(); !end.empty()) {
        out["range_end"] = base::to_base64(end);
    }
    return out;
}

json json_from(const Compare& compare) {
    json out = json_from(compare.keys);
    const std::string number = std::to_string(compare.number);
    switch (compare.field) {
        case Compare::Field::create_revision:
            out["target"] = "CREATE";
            out["create_revision"] = number;
            break;
        case Compare::Field::mod_revision:
            out["target"] = "MOD";
            out["mod_revision"] = number;
            break;
        case Compare::Field::version:
            out["target"] = "VERSION";
            out["version"] = number;
            break;
        case Compare::Field::lease:
            out["target"] = "LEASE";
            out["lease"] = number;
            break;
    }
    switch (compare.relation) {
        case Compare::Relation::equal:
            out["result"] = "EQUAL";
            break;
        case Compare::Relation::not_equal:
            out["result"] = "NOT_EQUAL";
            break;
        case Compare::Relation::greater:
            out["result"] = "GREATER";
            break;
        case Compare::Relation::less:
            out["result"] = "LESS";
            break;
    }
    return out;
}

json json_from(const Operation& operation) {
    if (const auto* put = std::get_if<Put>(&operation)) {
        return {{"request_put",
                 {{"key", base::to_base64(put->key)},
                  {"value", base::to_base64(put->value)},
                  {"lease", std::to_string(put->lease)}}}};
    }
    if (const auto* gone = std::get_if<Delete>(&operation)) {
        return {{"request_delete_range", json_from(gone->keys)}};
    }
    return {{"request_range", json_from(std::get<Get>(operation).keys)}};
}

template <typename T>
json list_from(const std::vector<T>& values) {
    json list = json::array();
    for (const T& value : values) {
        list.push_back(json_from(value));
    }
    return list;
}

std::chrono::seconds ttl_at(const json& object) {
    const std::chrono::seconds ttl{number_at(object, "TTL")};
    constexpr auto k_longest = std::chrono::floor<std::chrono::seconds>(base::k_longest_span);
    if (ttl < std::chrono::seconds{0} || ttl > k_longest) {
        throw std::invalid_argument{"TTL is no time to live"};
    }
    return ttl;
}

std::int64_t revision_of(const json& answer) {
    const std::int64_t revision = number_at(object_at(answer, "header"), "revision");
    if (revision <= 0) {
        throw std::invalid_argument{"it has no revision"};
    }
    return revision;
}

KeyValue key_value_from(const json& in) {
    KeyValue value{.key = bytes_at(in, "key"),
                   .value = bytes_at(in, "value"),
                   .create_revision = number_at(in, "create_revision"),
                   .mod_revision = number_at(in, "mod_revision"),
                   .version = number_at(in, "version"),
                   .lease = number_at(in, "lease")};
    if (value.key.empty() || value.mod_revision <= 0) {
        throw std::invalid_argument{"a key has no name, or no revision"};
    }
    return value;
}

std::vector<KeyValue> key_values_from(const json& range) {
    std::vector<KeyValue> values;
    for (const json& value : list_at(range, "kvs")) {
        values.push_back(key_value_from(value));
    }
    return values;
}

Event event_from(const json& in) {
    const std::string type = text_at(in, "type");
    if (type != "" && type != "PUT" && type != "DELETE") {
        throw std::invalid_argument{"an event is of no known type"};
    }
    return {.kind = type == "DELETE" ? Event::Kind::deleted : Event::Kind::put,
            .value = key_value_from(object_at(in, "kv"))};
}

const char* answer_to(const Operation& operation) {
    constexpr const char* k_names[] = {"response_put", "response_delete_range", "response_range"};
    return k_names[operation.index()];
}

}  // namespace

Message grant_message(std::chrono::seconds ttl) {
    return message("/v3/lease/grant", {{"TTL", std::to_string(ttl.count())}});
}

Message keep_alive_message(std::int64_t lease) {
    return message("/v3/lease/keepalive", {{"ID", std::to_string(lease)}});
}

Message revoke_message(std::int64_t lease) {
    return message("/v3/lease/revoke", {{"ID", std::to_string(lease)}});
}

Message range_message(const Keys& keys) {
    return message("/v3/kv/range", json_from(keys));
}

Message commit_message(const Transaction& transaction) {
    return message("/v3/kv/txn", {{"compare", list_from(transaction.compares)},
                                  {"success", list_from(transaction.then)},
                                  {"failure", list_from(transaction.otherwise)}});
}

Message watch_message(const Keys& keys, std::int64_t from_revision) {
    json request = json_from(keys);
    request["start_revision"] = std::to_string(from_revision);
    return message("/v3/watch", {{"create_request", std::move(request)}});
}

Message authenticate_message(const std::string& user, const std::string& password) {
    return message("/v3/auth/authenticate", {{"name", user}, {"password", password}});
}

Lease read_lease(std::string_view body) {
    const json answer = parse_object(body);
    const Lease lease{.id = number_at(answer, "ID"), .ttl = ttl_at(answer)};
    if (lease.id <= 0 || lease.ttl.count() == 0) {
        throw std::invalid_argument{"it is no lease"};
    }
    return lease;
}

std::chrono::seconds read_keep_alive(std::string_view body) {
    const json answer = parse_object(body);
    if (!answer.contains("result")) {
        throw std::invalid_argument{"it has no result"};
    }
    return ttl_at(object_at(answer, "result"));
}

void read_revoked(std::string_view body) {
    (void)revision_of(parse_object(body));
}

Range read_range(std::string_view body) {
    const json answer = parse_object(body);
    return {.revision = revision_of(answer), .values = key_values_from(answer)};
}

TransactionAnswer read_commit(std::string_view body, const Transaction& transaction) {
    const json in = parse_object(body);
    TransactionAnswer answer{.succeeded = flag_at(in, "succeeded"), .revision = revision_of(in)};
    const auto& operations = answer.succeeded ? transaction.then : transaction.otherwise;
    const json& responses = list_at(in, "responses");
    if (responses.size() != operations.size()) {
        throw std::invalid_argument{"it answers another number of operations"};
    }
    for (std::size_t i = 0; i < operations.size(); ++i) {
        if (!responses[i].is_object() || !responses[i].contains(answer_to(operations[i]))) {
            throw std::invalid_argument{"it answers another operation"};
        }
        answer.values.push_back(
            std::holds_alternative<Get>(operations[i])
                ? key_values_from(object_at(responses[i], answer_to(operations[i])))
                : std::vector<KeyValue>{});
    }
    return answer;
}

std::string read_token(std::string_view body) {
    std::string token = text_at(parse_object(body), "token");
    const auto is_printable = [](char c) { return c > ' ' && c < '\x7f'; };
    // It becomes a line of a header.
    if (token.empty() || !std::ranges::all_of(token, is_printable)) {
        throw std::invalid_argument{"it has no token"};
    }
    return token;
}

WatchLine read_watch_line(std::string_view text) {
    const json line = parse_object(text);
    const json& result = object_at(line, "result");
    WatchLine out{.created = flag_at(result, "created"),
                  .cancelled = flag_at(result, "canceled"),
                  .compact_revision = number_at(result, "compact_revision"),
                  .reason = text_at(result, "cancel_reason")};
    for (const json& event : list_at(result, "events")) {
        out.events.push_back(event_from(event));
    }
    return out;
}

}  // namespace ccci::etcd
