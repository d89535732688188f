#include "drone/build.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

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

}  // namespace ccci::drone
