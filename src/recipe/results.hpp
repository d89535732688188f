#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "naming/stages.hpp"
#include "recipe/level.hpp"
#include "recipe/test_report.hpp"

namespace ccci::recipe {

struct TestResult {
    std::string name;    ///< "install/10-front-page"
    std::string origin;  ///< "recipe", "site", or "cc-ci" for a rule of lint
    Outcome outcome = Outcome::pass;
    std::string message;  ///< how it failed: "exit 1"; or a warning
    std::chrono::microseconds took{};
    std::optional<Checks> checks = {};  ///< what it counted itself, if it did
};

struct TierResult {
    naming::Tier tier{};
    Outcome outcome = Outcome::not_run;
    std::string message;  ///< why it is not a pass, one line
    std::chrono::microseconds took{};
    std::vector<TestResult> tests;
};

/// An app that this one needs.
struct DependencyResult {
    std::string recipe;
    std::string domain;
    std::string commit;  ///< empty until it is fetched
    Outcome outcome = Outcome::unverified;
};

/// What is known of a recipe run so far. docs/schemas/results.schema.json describes its JSON.
struct Results {
    std::string run_id;
    naming::Lane lane = naming::Lane::full;
    std::string recipe;
    std::string ref;
    std::string pull_request;
    std::string source;
    std::string domain;
    std::string commit;       ///< what was tested, full; empty until it is fetched
    bool modified = false;    ///< the tree had uncommitted changes
    nlohmann::json manifest;  ///< what the run found to go by; null until it is fetched
    std::string base;         ///< the version that an upgrade began with; empty: none
    std::chrono::system_clock::time_point started;
    std::optional<std::chrono::system_clock::time_point> finished;
    std::optional<naming::Tier> phase;  ///< the tier that is going on
    std::string error;                  ///< what went wrong outside of every tier
    std::vector<TierResult> tiers;      ///< one for each of naming::k_tiers, in that order
    std::vector<DependencyResult> dependencies;
    std::string screenshot;  ///< the file in the run directory; empty: none
    int deploys = 0;         ///< of the app alone

    /// The tiers that were asked for start as unverified, the others as not run.
    void begin(const std::vector<naming::Tier>& asked);
    [[nodiscard]] TierResult& of(naming::Tier tier);
    [[nodiscard]] Level level() const;
    /// Nothing failed and nothing that was asked for is unverified.
    [[nodiscard]] bool passed() const;
};

nlohmann::json to_json(const Results& results);

/// The tiers that were skipped, and why: for hooks and tests.
nlohmann::json skip_report(const Results& results);

/// What a reader must know of a run that is no full one: "quick lane, lower confidence". Empty for
/// the full lane.
std::string describe_lane(naming::Lane lane);

/// "level 1 of 5 (upgrade: not run), deploys 1"; no level stands for a run of another lane than the
/// full one: "quick lane, lower confidence: upgrade passed, custom skipped, deploys 1"
std::string note(const Results& results);

/// A line for each tier that was asked for, then the note.
std::vector<std::string> summary(const Results& results);

std::filesystem::path results_file(const std::filesystem::path& run_dir);

/// Replaces results.json as a whole, so that it can be read at any time.
void write_results(const std::filesystem::path& run_dir, const nlohmann::json& results);

/// To the millisecond: a reader gains nothing from the digits of a binary fraction.
double to_seconds(std::chrono::microseconds span);

}  // namespace ccci::recipe
