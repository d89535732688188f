#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/show_view.hpp"
#include "inspect/advice.hpp"

namespace ccci::cli {

namespace {

using nlohmann::json;

json phases_json(const inspect::RunReport& report) {
    json list = json::array();
    for (const inspect::ShownPhase& phase : inspect::phases_of(report.record)) {
        json item{{"name", phase.name},
                  {"began", base::format_time(phase.began)},
                  {"ended", nullptr},
                  {"going_on", !phase.ended && report.carried}};
        if (phase.ended) {
            item["ended"] = base::format_time(*phase.ended);
        }
        list.push_back(std::move(item));
    }
    return list;
}

json recipe_json(const inspect::RecipeReport& recipe) {
    json tiers = json::array();
    for (const inspect::TierReport& tier : recipe.tiers) {
        json failed = json::array();
        for (const inspect::FailedTest& test : tier.failed) {
            failed.push_back({{"name", test.name}, {"message", test.message}});
        }
        tiers.push_back({{"tier", tier.name},
                         {"result", tier.result},
                         {"message", tier.message},
                         {"seconds", tier.seconds},
                         {"failed", std::move(failed)}});
    }
    json whole{{"verdict", recipe.verdict}, {"level", nullptr}, {"tiers", std::move(tiers)}};
    if (recipe.level) {
        whole["level"] = {{"reached", *recipe.level}, {"of", recipe.of}};
    }
    return whole;
}

json count_or_null(const std::optional<std::uint64_t>& count) {
    return count ? json(*count) : json(nullptr);
}

}  // namespace

nlohmann::json show_json(const inspect::RunReport& report) {
    const inspect::Advice advice = inspect::advice_on(report.record, report.state);
    json whole{{"record", report.record},
               {"user", report.user},
               {"state", report.state},
               {"alive", report.carried},
               {"meaning", advice.meaning},
               {"next", advice.next},
               {"unit_state", report.unit_state.empty() ? json(nullptr) : json(report.unit_state)},
               {"queue", nullptr},
               {"phases", phases_json(report)},
               {"resources", nullptr},
               {"current", nullptr},
               {"recipe", nullptr},
               {"journal", nullptr},
               {"output", report.output}};
    if (report.queue) {
        whole["queue"] = {{"before", report.queue->before}};
    }
    if (report.resources) {
        whole["resources"] = *report.resources;
    }
    if (report.current) {
        whole["current"] = {{"memory", count_or_null(report.current->memory)},
                            {"tasks", count_or_null(report.current->tasks)}};
    }
    if (report.recipe) {
        whole["recipe"] = recipe_json(*report.recipe);
    }
    if (report.journal) {
        whole["journal"] = {{"handed", report.journal->handed},
                            {"found", report.journal->found},
                            {"lost", report.carried ? 0 : report.journal->lost()}};
    }
    return whole;
}

}  // namespace ccci::cli
