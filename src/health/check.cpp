#include "health/check.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace ccci::health {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> k_statuses{"ok", "warning", "failed", "skipped"};
constexpr std::array<std::string_view, 3> k_fixes{"command", "configuration", "advice"};

template <typename Enum, std::size_t Size>
Enum value_of(const std::array<std::string_view, Size>& words, const std::string& word) {
    for (std::size_t at = 0; at < Size; ++at) {
        if (words[at] == word) {
            return static_cast<Enum>(at);
        }
    }
    throw std::invalid_argument{fmt::format("unknown word '{}'", base::printable(word))};
}

}  // namespace

std::string to_string(Status status) {
    return std::string{k_statuses.at(static_cast<std::size_t>(status))};
}

void to_json(json& out, const Check& check) {
    out = {{"name", check.name},
           {"status", to_string(check.status)},
           {"found", check.found},
           {"why", check.why}};
    if (check.fix) {
        out["fix"] = {{"kind", k_fixes.at(static_cast<std::size_t>(check.fix->kind))},
                      {"text", check.fix->text}};
    }
}

void from_json(const json& in, Check& check) {
    check.name = in.at("name");
    check.status = value_of<Status>(k_statuses, in.at("status"));
    check.found = in.at("found");
    check.why = in.at("why");
    check.fix.reset();
    if (const auto fix = in.find("fix"); fix != in.end()) {
        check.fix = Fix{value_of<Fix::Kind>(k_fixes, fix->at("kind")), fix->at("text")};
    }
}

Fix command(std::string text) {
    return {Fix::Kind::command, std::move(text)};
}

Fix configuration(std::string text) {
    return {Fix::Kind::configuration, std::move(text)};
}

Fix advice(std::string text) {
    return {Fix::Kind::advice, std::move(text)};
}

Check Subject::ok(std::string found) const {
    return {name, Status::ok, std::move(found), why};
}

Check Subject::warning(std::string found, Fix fix) const {
    return {name, Status::warning, std::move(found), why, std::move(fix)};
}

Check Subject::failed(std::string found, Fix fix) const {
    return {name, Status::failed, std::move(found), why, std::move(fix)};
}

Check Subject::skipped(std::string reason) const {
    return {name, Status::skipped, std::move(reason), why};
}

std::string shell_word(const std::string& text) {
    constexpr std::string_view k_plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=@%+,";
    if (!text.empty() && text.find_first_not_of(k_plain) == std::string::npos) {
        return text;
    }
    return "'" + base::replace_all(text, "'", "'\\''") + "'";
}

std::string size_text(unsigned long long bytes) {
    constexpr std::array<std::string_view, 5> k_units{"bytes", "KiB", "MiB", "GiB", "TiB"};
    auto size = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; size >= 1024 && unit + 1 < k_units.size(); ++unit) {
        size /= 1024;
    }
    return unit == 0 || size >= 100 ? fmt::format("{:.0f} {}", size, k_units.at(unit))
                                    : fmt::format("{:.1f} {}", size, k_units.at(unit));
}

}  // namespace ccci::health
