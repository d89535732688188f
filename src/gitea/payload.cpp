#include "gitea/payload.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/text.hpp"

namespace ccci::gitea {

namespace {

using nlohmann::json;

json parse(std::string_view text) {
    json result = json::parse(text, nullptr, false);
    if (result.is_discarded()) {
        throw std::invalid_argument{"not JSON"};
    }
    return result;
}

/// nlohmann's own exceptions quote what they were given; ours name the key.
const json& at(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (!object.is_object() || found == object.end()) {
        throw std::invalid_argument{fmt::format("has no {}", key)};
    }
    return *found;
}

const std::string& text_at(const json& object, const char* key) {
    const json& value = at(object, key);
    if (!value.is_string()) {
        throw std::invalid_argument{fmt::format("{} is no text", key)};
    }
    return value.get_ref<const std::string&>();
}

std::int64_t number_at(const json& object, const char* key) {
    const json& value = at(object, key);
    constexpr std::uint64_t k_largest = std::uint64_t{1} << 62;
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > k_largest) {
        throw std::invalid_argument{fmt::format("{} is no number of anything", key)};
    }
    return value.get<std::int64_t>();
}

Time time_at(const json& object, const char* key) {
    const std::optional<Time> time = parse_time(text_at(object, key));
    if (!time) {
        throw std::invalid_argument{fmt::format("{} is no time", key)};
    }
    return *time;
}

Comment comment_from(const json& in) {
    return {.id = number_at(in, "id"),
            .repository = {},
            .pull_request = 0,
            .author = text_at(at(in, "user"), "login"),
            .body = text_at(in, "body"),
            .created = time_at(in, "created_at"),
            .updated = time_at(in, "updated_at")};
}

std::optional<std::int64_t> number_of(const std::string& text) {
    constexpr std::size_t k_longest = 9;
    if (text.empty() || text.size() > k_longest ||
        text.find_first_not_of("0123456789") != std::string::npos) {
        return std::nullopt;
    }
    return std::stoll(text);
}

/// The number at the end of ".../pulls/7"; nullopt for a comment on an issue, which has none.
std::optional<std::int64_t> pull_request_of(const json& comment) {
    const auto url = comment.find("pull_request_url");
    if (url == comment.end() || !url->is_string()) {
        return std::nullopt;
    }
    const std::string& text = url->get_ref<const std::string&>();
    return number_of(text.substr(text.rfind('/') + 1));
}

}  // namespace

std::optional<Time> parse_time(const std::string& text) {
    // YYYY-MM-DDTHH:MM:SS, then a fraction, then what the offset is.
    constexpr std::size_t k_seconds_end = 19;
    const std::size_t zone = text.find_first_of("Z+-", k_seconds_end);
    if (text.size() < k_seconds_end || zone == std::string::npos) {
        return std::nullopt;
    }
    std::chrono::minutes offset{0};
    if (text[zone] != 'Z') {
        const std::string hours = text.substr(zone + 1, 2);
        const auto h = number_of(hours);
        const auto m = zone + 6 == text.size() && text[zone + 3] == ':' && hours.size() == 2
                           ? number_of(text.substr(zone + 4))
                           : std::nullopt;
        if (!h || !m) {
            return std::nullopt;
        }
        offset = std::chrono::hours{*h} + std::chrono::minutes{*m};
        offset = text[zone] == '-' ? -offset : offset;
    } else if (zone + 1 != text.size()) {
        return std::nullopt;
    }
    try {
        return base::parse_time(text.substr(0, zone) + "Z") - offset;
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

std::string format_time(Time time) {
    const std::string with_fraction = base::format_time(time);
    return with_fraction.substr(0, with_fraction.find('.')) + "Z";
}

std::optional<Comment> parse_comment_event(std::string_view text) {
    const json event = parse(text);
    const std::string& action = text_at(event, "action");
    const auto comment = event.find("comment");
    if (action != "created" || comment == event.end()) {
        return std::nullopt;
    }
    const json& issue = at(event, "issue");
    const auto pull_request = issue.find("pull_request");
    if (pull_request == issue.end() || !pull_request->is_object()) {
        return std::nullopt;
    }
    Comment result = comment_from(*comment);
    result.repository = text_at(at(event, "repository"), "full_name");
    result.pull_request = number_at(issue, "number");
    return result;
}

CommentPage parse_comments(std::string_view text) {
    const json list = parse(text);
    if (!list.is_array()) {
        throw std::invalid_argument{"is no list"};
    }
    CommentPage page;
    page.size = list.size();
    for (const json& each : list) {
        if (!each.is_object()) {
            throw std::invalid_argument{"has no comment"};
        }
        if (const auto pull_request = pull_request_of(each)) {
            page.comments.push_back(comment_from(each));
            page.comments.back().pull_request = *pull_request;
        }
    }
    return page;
}

Head parse_pull_request(std::string_view text) {
    const json pull_request = parse(text);
    const json& head = at(pull_request, "head");
    Head result{.commit = text_at(head, "sha"), .repository = {}, .open = true};
    const auto repository = head.find("repo");
    if (repository != head.end() && repository->is_object()) {
        result.repository = text_at(*repository, "full_name");
    }
    result.open = text_at(pull_request, "state") == "open";
    return result;
}

std::optional<std::int64_t> find_comment(std::string_view text, const std::string& marker) {
    const json list = parse(text);
    if (!list.is_array()) {
        throw std::invalid_argument{"is no list"};
    }
    for (const json& each : list) {
        if (text_at(each, "body").find(marker) != std::string::npos) {
            return number_at(each, "id");
        }
    }
    return std::nullopt;
}

std::int64_t parse_id(std::string_view text) {
    return number_at(parse(text), "id");
}

std::string parse_permission(std::string_view text) {
    return text_at(parse(text), "permission");
}

std::string parse_login(std::string_view text) {
    return text_at(parse(text), "login");
}

}  // namespace ccci::gitea
