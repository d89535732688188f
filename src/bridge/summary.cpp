#include "bridge/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "naming/stages.hpp"

namespace ccci::bridge {

namespace {

using nlohmann::json;

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> k_results{{
    {"pass", "passed"},
    {"fail", "failed"},
    {"skip", "skipped"},
    {"unverified", "unverified"},
}};

std::string text_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Empty for "not-run", which is no line of a summary, and for what is no result.
std::string result_at(const json& object, const char* key) {
    const auto* const found = std::ranges::find(
        k_results, text_at(object, key), [](const auto& each) { return std::string{each.first}; });
    return found == k_results.end() ? "" : std::string{found->second};
}

bool is_tier(const std::string& name) {
    return std::ranges::any_of(naming::k_tiers,
                               [&](naming::Tier tier) { return naming::to_string(tier) == name; });
}

std::vector<TierLine> tiers_from(const json& list) {
    std::vector<TierLine> tiers;
    for (const json& each : list) {
        if (!each.is_object()) {
            continue;
        }
        TierLine line{.tier = text_at(each, "tier"),
                      .result = result_at(each, "result"),
                      .message = text_at(each, "message"),
                      .seconds = 0};
        const auto seconds = each.find("seconds");
        constexpr double k_a_year = 365.0 * 24 * 3600;
        if (seconds != each.end() && seconds->is_number() && *seconds >= 0.0 &&
            *seconds < k_a_year) {
            line.seconds = seconds->get<double>();
        }
        const bool is_new = std::ranges::none_of(
            tiers, [&](const TierLine& earlier) { return earlier.tier == line.tier; });
        if (is_tier(line.tier) && !line.result.empty() && is_new) {
            tiers.push_back(std::move(line));
        }
    }
    return tiers;
}

/// "level 4 of 5 (lint: failed)"
std::string level_from(const json& level) {
    const auto whole = [&](const char* key) {
        const auto found = level.find(key);
        constexpr int k_most = 99;
        return found != level.end() && found->is_number_unsigned() && *found <= k_most
                   ? std::optional{found->get<int>()}
                   : std::nullopt;
    };
    const std::optional<int> reached = whole("reached");
    const std::optional<int> of = whole("of");
    if (!reached || !of) {
        return "";
    }
    std::string text = fmt::format("level {} of {}", *reached, *of);
    const std::string tier = text_at(level, "capped_by");
    const std::string because =
        text_at(level, "because") == "not-run" ? "not run" : result_at(level, "because");
    if (is_tier(tier) && !because.empty()) {
        text += fmt::format(" ({}: {})", tier, because);
    }
    return text;
}

}  // namespace

std::optional<Summary> parse_summary(const std::string& text) {
    const json results = json::parse(text, nullptr, false);
    if (!results.is_object() || results.value("version", json{}) != 1) {
        return std::nullopt;
    }
    Summary summary;
    for (const naming::Lane lane :
         {naming::Lane::full, naming::Lane::quick, naming::Lane::promotion}) {
        if (naming::to_string(lane) == text_at(results, "lane")) {
            summary.lane = naming::to_string(lane);
        }
    }
    if (const auto tiers = results.find("tiers"); tiers != results.end() && tiers->is_array()) {
        summary.tiers = tiers_from(*tiers);
    }
    if (const auto level = results.find("level"); level != results.end() && level->is_object()) {
        summary.level = level_from(*level);
    }
    return summary;
}

}  // namespace ccci::bridge
