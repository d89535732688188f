#include "dashboard/tiers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/duration.hpp"
#include "dashboard/clean_text.hpp"

namespace ccci::dashboard {

namespace {

// The file is the job's own, which may have put anything into it.
constexpr std::size_t k_most_tiers = 20;
constexpr std::size_t k_most_tests = 100;
constexpr std::size_t k_longest_message = 500;

std::string tone_of_result(const std::string& result) {
    return result == "pass"   ? "good"
           : result == "fail" ? "bad"
           : result == "skip" ? "idle"
                              : "none";
}

std::string took(double seconds) {
    const std::chrono::microseconds span{std::llround(std::clamp(seconds, 0.0, 1e9) * 1e6)};
    return base::format_duration(span);
}

Html result_of(const std::string& result) {
    return el("span", {{"class", "chip " + tone_of_result(result)}}, clean_line(result, 20));
}

Html test(const inspect::TestReport& one) {
    return el("li", {}, result_of(one.result), " ", el("span", {}, clean_line(one.name, 200)), " ",
              el("span", {{"class", "number"}}, took(one.seconds)),
              one.message.empty()
                  ? Html{}
                  : el("div", {{"class", "reason"}}, clean_line(one.message, k_longest_message)));
}

Html tests_of(const inspect::TierReport& tier) {
    if (tier.tests.empty()) {
        return {};
    }
    std::vector<Html> items;
    for (std::size_t i = 0; i < std::min(tier.tests.size(), k_most_tests); ++i) {
        items.push_back(test(tier.tests[i]));
    }
    if (tier.tests.size() > k_most_tests) {
        items.push_back(el("li", {}, fmt::format("and {} more", tier.tests.size() - k_most_tests)));
    }
    Attributes attributes{{"id", "tests-" + clean_line(tier.name, 40)}};
    if (!tier.failed.empty()) {
        attributes.push_back({"open", "open"});
    }
    return el(
        "details", attributes,
        el("summary", {},
           fmt::format("{} {}", tier.tests.size(), tier.tests.size() == 1 ? "test" : "tests")),
        el("ul", {{"class", "tests"}}, items));
}

std::string about(const inspect::RecipeReport& report) {
    std::string text;
    const auto add = [&](const char* name, const std::string& value, std::size_t limit) {
        if (!value.empty()) {
            text +=
                fmt::format("{}{} {}", text.empty() ? "" : ", ", name, clean_line(value, limit));
        }
    };
    add("ref", report.ref, 100);
    add("at", report.commit, 12);
    add("from", report.source, 200);
    add("upgrade from", report.base, 100);
    add("lane", report.lane == "full" ? "" : report.lane, 20);
    return text;
}

}  // namespace

Html tiers(const inspect::RecipeReport& report) {
    std::vector<Html> rows;
    for (std::size_t i = 0; i < std::min(report.tiers.size(), k_most_tiers); ++i) {
        const inspect::TierReport& tier = report.tiers[i];
        rows.push_back(el(
            "tr", {}, el("th", {{"scope", "row"}}, clean_line(tier.name, 40)),
            el("td", {{"class", "result"}}, result_of(tier.result)),
            el("td", {{"class", "what"}},
               tier.message.empty() ? Html{}
                                    : el("div", {}, clean_line(tier.message, k_longest_message)),
               tests_of(tier)),
            el("td", {{"class", "number"}}, tier.result == "not-run" ? "–" : took(tier.seconds))));
    }
    const auto column = [](const char* name) { return el("th", {{"scope", "col"}}, name); };
    return el(
        "section", {{"aria-labelledby", "tiers"}}, el("h2", {{"id", "tiers"}}, "Tiers"),
        el("p", {{"class", "hint"}}, about(report)),
        report.error.empty() ? Html{}
                             : el("p", {{"class", "notice"}}, clean_line(report.error, 1000)),
        el("table", {{"class", "tiers"}},
           el("thead", {{"class", "unseen"}},
              el("tr", {}, column("Tier"), column("Result"), column("Remarks"), column("Took"))),
           el("tbody", {}, rows)));
}

}  // namespace ccci::dashboard
