#include "recipe/results.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::recipe {

namespace {

using json = nlohmann::json;
using naming::Tier;

json text_or_null(const std::string& text) {
    return text.empty() ? json(nullptr) : json(text);
}

json to_json(const std::optional<Checks>& checks) {
    if (!checks) {
        return nullptr;
    }
    return {{"passed", checks->passed}, {"failed", checks->failed}, {"skipped", checks->skipped}};
}

json to_json(const TestResult& test) {
    return {{"name", test.name},
            {"origin", test.origin},
            {"result", to_string(test.outcome)},
            {"message", text_or_null(test.message)},
            {"seconds", to_seconds(test.took)},
            {"checks", to_json(test.checks)}};
}

json to_json(const TierResult& tier) {
    json tests = json::array();
    for (const TestResult& test : tier.tests) {
        tests.push_back(to_json(test));
    }
    return {{"tier", naming::to_string(tier.tier)},
            {"result", to_string(tier.outcome)},
            {"message", text_or_null(tier.message)},
            {"seconds", to_seconds(tier.took)},
            {"tests", tests}};
}

json to_json(const DependencyResult& dependency) {
    return {{"recipe", dependency.recipe},
            {"domain", dependency.domain},
            {"commit", text_or_null(dependency.commit)},
            {"result", to_string(dependency.outcome)},
            {"teardown", nullptr}};
}

json to_json(const Level& level) {
    json result{{"reached", level.reached},
                {"of", k_highest_level},
                {"capped_by", nullptr},
                {"because", nullptr}};
    if (level.cap) {
        result["capped_by"] = naming::to_string(level.cap->tier);
        result["because"] = to_string(level.cap->outcome);
    }
    return result;
}

std::string verdict(const Results& results) {
    if (!results.finished) {
        return "running";
    }
    if (!results.error.empty()) {
        return "error";
    }
    return results.passed() ? "passed" : "failed";
}

std::string note_of_other_lane(const Results& results) {
    std::string tiers;
    for (const TierResult& tier : results.tiers) {
        if (tier.tier != Tier::fetch && tier.outcome != Outcome::not_run) {
            tiers += fmt::format("{} {}, ", naming::to_string(tier.tier), describe(tier.outcome));
        }
    }
    return fmt::format("{}: {}deploys {}", describe_lane(results.lane), tiers, results.deploys);
}

std::string summary_line(const TierResult& tier) {
    std::string line =
        fmt::format("{:<8} {:<10}", naming::to_string(tier.tier), describe(tier.outcome));
    if (tier.took.count() > 0) {
        line += fmt::format(" {}", base::format_duration(tier.took));
    }
    if (!tier.message.empty()) {
        line += "  " + tier.message;
    }
    return std::string{base::trim(line)};
}

}  // namespace

void Results::begin(const std::vector<Tier>& asked) {
    tiers.clear();
    for (const Tier tier : naming::k_tiers) {
        const bool wanted = std::find(asked.begin(), asked.end(), tier) != asked.end();
        tiers.push_back({.tier = tier,
                         .outcome = wanted ? Outcome::unverified : Outcome::not_run,
                         .message = {},
                         .took = {},
                         .tests = {}});
    }
}

TierResult& Results::of(Tier tier) {
    return *std::find_if(tiers.begin(), tiers.end(),
                         [tier](const TierResult& each) { return each.tier == tier; });
}

Level Results::level() const {
    return compute_level([this](Tier tier) {
        for (const TierResult& each : tiers) {
            if (each.tier == tier) {
                return each.outcome;
            }
        }
        return Outcome::not_run;
    });
}

bool Results::passed() const {
    return error.empty() && std::none_of(tiers.begin(), tiers.end(), [](const TierResult& tier) {
               return tier.outcome == Outcome::fail || tier.outcome == Outcome::unverified;
           });
}

json to_json(const Results& results) {
    json tiers = json::array();
    for (const TierResult& tier : results.tiers) {
        tiers.push_back(to_json(tier));
    }
    json result{{"version", 1},
                {"run", results.run_id},
                {"lane", naming::to_string(results.lane)},
                {"recipe", results.recipe},
                {"ref", text_or_null(results.ref)},
                {"pull_request", text_or_null(results.pull_request)},
                {"source", text_or_null(results.source)},
                {"domain", results.domain},
                {"commit", text_or_null(results.commit)},
                {"modified", results.modified},
                {"manifest", results.manifest},
                {"base", text_or_null(results.base)},
                {"started", base::format_time(results.started)},
                {"finished", nullptr},
                {"phase", nullptr},
                {"verdict", verdict(results)},
                {"error", text_or_null(results.error)},
                {"tiers", tiers},
                {"level", nullptr},
                {"dependencies", json::array()},
                {"screenshot", text_or_null(results.screenshot)},
                {"deploys", results.deploys},
                {"teardown", nullptr}};
    for (const DependencyResult& dependency : results.dependencies) {
        result["dependencies"].push_back(to_json(dependency));
    }
    if (results.lane == naming::Lane::full) {
        result["level"] = to_json(results.level());
    }
    if (results.finished) {
        result["finished"] = base::format_time(*results.finished);
    }
    if (results.phase) {
        result["phase"] = naming::to_string(*results.phase);
    }
    return result;
}

json skip_report(const Results& results) {
    json report = json::array();
    for (const TierResult& tier : results.tiers) {
        if (tier.outcome == Outcome::skip) {
            report.push_back({{"tier", naming::to_string(tier.tier)}, {"reason", tier.message}});
        }
    }
    return report;
}

std::string describe_lane(naming::Lane lane) {
    switch (lane) {
        case naming::Lane::full:
            return "";
        case naming::Lane::quick:
            return "quick lane, lower confidence";
        case naming::Lane::promotion:
            return "promotion of the warm app";
    }
    return "";
}

std::string note(const Results& results) {
    if (results.lane != naming::Lane::full) {
        return note_of_other_lane(results);
    }
    const Level level = results.level();
    std::string cap;
    if (level.cap) {
        cap = fmt::format(" ({}: {})", naming::to_string(level.cap->tier),
                          describe(level.cap->outcome));
    }
    return fmt::format("level {} of {}{}, deploys {}", level.reached, k_highest_level, cap,
                       results.deploys);
}

std::vector<std::string> summary(const Results& results) {
    std::vector<std::string> lines;
    for (const TierResult& tier : results.tiers) {
        if (tier.outcome != Outcome::not_run) {
            lines.push_back(summary_line(tier));
        }
    }
    lines.push_back(note(results));
    return lines;
}

std::filesystem::path results_file(const std::filesystem::path& run_dir) {
    return run_dir / "results.json";
}

void write_results(const std::filesystem::path& run_dir, const json& results) {
    // What a test or an engine said need not be UTF-8.
    const std::string text = results.dump(2, ' ', false, json::error_handler_t::replace);
    base::write_file_atomically(results_file(run_dir), text + "\n", 0644);
}

double to_seconds(std::chrono::microseconds span) {
    return static_cast<double>(span.count() / 1000) / 1000.0;
}

}  // namespace ccci::recipe
