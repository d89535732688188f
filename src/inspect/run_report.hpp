#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/found_run.hpp"
#include "run/config.hpp"
#include "run/usage.hpp"

namespace ccci::inspect {

struct FailedTest {
    std::string name;
    std::string message;
};

struct TestReport {
    std::string name;
    std::string result = {};
    std::string message = {};
    double seconds = 0;
};

struct TierReport {
    std::string name;
    std::string result = {};
    std::string message = {};
    double seconds = 0;
    std::vector<TestReport> tests = {};
    std::vector<FailedTest> failed = {};
};

/// What the job of a recipe run says of itself in results.json.
struct RecipeReport {
    std::string verdict;
    std::optional<int> level = {};
    int of = 0;
    std::vector<TierReport> tiers = {};
    // Empty where the file does not say.
    std::string lane = {};
    std::string recipe = {};
    std::string pull_request = {};
    std::string ref = {};
    std::string source = {};
    std::string commit = {};
    std::string base = {};   ///< the version that the upgrade began with
    std::string error = {};  ///< what went wrong outside of every tier
};

/// The place of one that waits.
struct QueuePlace {
    std::size_t before = 0;  ///< runs that wait and came before it
};

struct JournalReport {
    std::uint64_t handed = 0;
    std::uint64_t found = 0;

    [[nodiscard]] std::uint64_t lost() const { return found < handed ? handed - found : 0; }
};

/// Everything that is known of a run, at one moment.
struct RunReport {
    run::Record record;
    std::string user;  ///< whose it is, whatever the record says
    std::string state;
    bool carried = false;
    run::Time now;
    std::string unit_state;  ///< systemd's word; empty: none was to be had, "gone": no such unit
    std::optional<QueuePlace> queue = {};
    std::optional<run::Resources> resources = {};
    std::optional<run::Current> current = {};
    std::optional<RecipeReport> recipe = {};
    std::optional<JournalReport> journal = {};
    std::vector<std::string> output = {};
};

struct Asked {
    std::size_t lines = 0;         ///< the last so many of its output, where a journal has them
    bool losses = true;            ///< how many the journal has lost: takes time for each line
    Whose whose = Whose::visible;  ///< the runs that it may have to wait for
};

RunReport report_on(const run::Config& config, const FoundRun& found, const Asked& asked);

/// And what only files in the run directory have: results, and output that no journal has. The
/// job may have put anything in their place, so root has become the run's owner before this.
void add_files_of(const FoundRun& found, std::size_t lines, RunReport& report);

/// One phase of a run's life; without an end it is going on, or nobody saw its end.
struct ShownPhase {
    std::string name;
    run::Time began;
    std::optional<run::Time> ended;
};

/// From the queue to the teardown. Pure.
std::vector<ShownPhase> phases_of(const run::Record& record);

/// nullopt when that is no results.json.
std::optional<RecipeReport> parse_results(const std::string& text);

}  // namespace ccci::inspect
