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

TierReport tier_from(const json& in) {
    TierReport tier{.name = text_at(in, "tier"),
                    .result = text_at(in, "result"),
                    .message = text_at(in, "message"),
                    .seconds = in.at("seconds").get<double>()};
    for (const json& test : in.at("tests")) {
        if (test.at("result") == "fail") {
            tier.failed.push_back({text_at(test, "name"), text_at(test, "message")});
        }
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
        return report;
    } catch (const std::exception&) {
        return std::nullopt;  // the job's own file: it may hold anything
    }
}

}  // namespace ccci::inspect
