#include "drone/build.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/text.hpp"

namespace ccci::drone {

namespace {

constexpr std::size_t k_longest_name = 100;

/// What forges allow in names of owners and repositories.
bool is_name(const std::string& text) {
    const auto is_fine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    return !text.empty() && text.size() <= k_longest_name && text != "." && text != ".." &&
           std::all_of(text.begin(), text.end(), is_fine);
}

bool is_number(const std::string& text) {
    return !text.empty() && text.size() <= 18 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

nlohmann::json parse(std::string_view text) {
    nlohmann::json result = nlohmann::json::parse(text, nullptr, false);
    if (result.is_discarded()) {
        throw std::invalid_argument{"not JSON"};
    }
    return result;
}

/// Empty for what is no text.
std::string text_at(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Zero for what is no number of anything.
std::int64_t number_at(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    constexpr std::uint64_t k_largest = std::uint64_t{1} << 62;
    const bool good = found != object.end() && found->is_number_unsigned() &&
                      found->get<std::uint64_t>() <= k_largest;
    return good ? found->get<std::int64_t>() : 0;
}

std::chrono::system_clock::time_point time_at(const nlohmann::json& object, const char* key) {
    // The clock counts nanoseconds in 64 bits.
    constexpr std::int64_t k_latest = std::int64_t{1} << 33;
    return std::chrono::system_clock::time_point{
        std::chrono::seconds{std::min(number_at(object, key), k_latest)}};
}

Build build_from(const nlohmann::json& in) {
    if (!in.is_object() || number_at(in, "number") == 0 || text_at(in, "status").empty()) {
        throw std::invalid_argument{"is no build"};
    }
    Build build{.number = number_at(in, "number"),
                .status = text_at(in, "status"),
                .error = text_at(in, "error"),
                .created = time_at(in, "created"),
                .finished = time_at(in, "finished"),
                .parameters = {}};
    if (const auto parameters = in.find("params");
        parameters != in.end() && parameters->is_object()) {
        for (const auto& [name, value] : parameters->items()) {
            if (value.is_string()) {
                build.parameters[name] = value.get<std::string>();
            }
        }
    }
    return build;
}

}  // namespace

std::optional<BuildId> parse_build_id(const std::string& repository, const std::string& number) {
    const std::size_t slash = repository.find('/');
    if (slash == std::string::npos || !is_name(repository.substr(0, slash)) ||
        !is_name(repository.substr(slash + 1)) || !is_number(number)) {
        return std::nullopt;
    }
    return BuildId{repository, number};
}

std::string build_url(const std::string& server, const BuildId& build) {
    const std::string base = server.substr(0, server.find_last_not_of('/') + 1);
    return fmt::format("{}/api/repos/{}/builds/{}", base, build.repository, build.number);
}

std::optional<std::string> parse_status(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) {
        return std::nullopt;
    }
    const auto status = json.find("status");
    if (status == json.end() || !status->is_string()) {
        return std::nullopt;
    }
    return status->get<std::string>();
}

bool Build::is_over() const {
    return status != "waiting_on_dependencies" && status != "pending" && status != "running" &&
           status != "blocked";
}

Build parse_build(std::string_view text) {
    return build_from(parse(text));
}

std::optional<Build> parse_started(std::string_view text) {
    const nlohmann::json answer = parse(text);
    if (answer.is_null()) {
        return std::nullopt;
    }
    return build_from(answer);
}

std::vector<Build> parse_builds(std::string_view text) {
    const nlohmann::json list = parse(text);
    if (!list.is_array()) {
        throw std::invalid_argument{"is no list"};
    }
    std::vector<Build> builds;
    for (const nlohmann::json& each : list) {
        builds.push_back(build_from(each));
    }
    return builds;
}

std::optional<Build> find_build(const std::vector<Build>& builds, const std::string& parameter,
                                const std::string& value) {
    std::optional<Build> found;
    for (const Build& build : builds) {
        const auto given = build.parameters.find(parameter);
        if (given != build.parameters.end() && given->second == value &&
            (!found || build.number < found->number)) {
            found = build;
        }
    }
    return found;
}

}  // namespace ccci::drone
