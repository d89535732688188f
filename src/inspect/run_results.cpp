#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "inspect/run_report.hpp"

namespace ccci::inspect {

namespace {

using nlohmann::json;

int count_at(const json& in, const char* key) {
    return static_cast<int>(in.at(key).get_ref<const json::number_integer_t&>());
}

std::string text_at(const json& in, const char* key) {
    const json& value = in.at(key);
    return value.is_null() ? "" : value.get<std::string>();
}

std::string text_if_any(const json& in, const char* key) {
    return in.contains(key) ? text_at(in, key) : "";
}

TierReport tier_from(const json& in) {
    TierReport tier{.name = text_at(in, "tier"),
                    .result = text_at(in, "result"),
                    .message = text_at(in, "message"),
                    .seconds = in.at("seconds").get<double>()};
    for (const json& each : in.at("tests")) {
        TestReport test{.name = text_at(each, "name"),
                        .result = text_at(each, "result"),
                        .message = text_at(each, "message"),
                        .seconds = each.value("seconds", 0.0)};
        if (test.result == "fail") {
            tier.failed.push_back({test.name, test.message});
        }
        tier.tests.push_back(std::move(test));
    }
    return tier;
}

}  // namespace

std::optional<RecipeReport> parse_results(const std::string& text) {
    try {
        const json whole = json::parse(text);
        RecipeReport report;
        report.verdict = text_at(whole, "verdict");
        if (const json& level = whole.at("level"); !level.is_null()) {
            report.level = count_at(level, "reached");
            report.of = count_at(level, "of");
        }
        for (const json& tier : whole.at("tiers")) {
            report.tiers.push_back(tier_from(tier));
        }
        report.lane = text_if_any(whole, "lane");
        report.recipe = text_if_any(whole, "recipe");
        report.pull_request = text_if_any(whole, "pull_request");
        report.ref = text_if_any(whole, "ref");
        report.source = text_if_any(whole, "source");
        report.commit = text_if_any(whole, "commit");
        report.base = text_if_any(whole, "base");
        report.error = text_if_any(whole, "error");
        return report;
    } catch (const std::exception&) {
        return std::nullopt;  // the job's own file: it may hold anything
    }
}

}  // namespace ccci::inspect
