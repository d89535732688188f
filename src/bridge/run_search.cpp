#include "bridge/run_search.hpp"

#include <fmt/format.h>

#include "base/files.hpp"
#include "bridge/summary.hpp"
#include "run/run_dir.hpp"

namespace ccci::bridge {

namespace {

/// A pipeline with more steps of one recipe than this has a problem of its own.
constexpr int k_most_suffixes = 9;
/// Between the clock of this host and that of whoever made the record: it is the same one, but it
/// may have been set.
constexpr std::chrono::minutes k_slack{2};
constexpr std::size_t k_largest_results = std::size_t{4} << 20;

/// As cc-ci recipe calls its runs: "recipe immich#2", "recipe immich#2 quick".
bool is_of(const run::Record& record, const Errand& errand) {
    const std::string label =
        fmt::format("recipe {}#{}", recipe_of(errand.repository), errand.pull_request);
    return (record.job == label || record.job.starts_with(label + " ")) && record.created &&
           errand.tried && *record.created >= *errand.tried - k_slack;
}

std::optional<Summary> read_summary(const std::filesystem::path& run_dir) {
    try {
        const auto text = base::try_read_file(run_dir / "results.json", k_largest_results);
        return text ? parse_summary(*text) : std::nullopt;
    } catch (const std::exception&) {
        return std::nullopt;  // what is there may be anything
    }
}

}  // namespace

std::string recipe_of(const std::string& repository) {
    return repository.substr(repository.find('/') + 1);
}

std::optional<SeenRun> find_run(const std::filesystem::path& runs_dir, const Errand& errand) {
    std::optional<SeenRun> found;
    for (int suffix = 1; suffix <= k_most_suffixes; ++suffix) {
        const std::string id =
            suffix == 1 ? std::to_string(errand.build) : fmt::format("{}-{}", errand.build, suffix);
        const run::RunDir dir = run::RunDir::open(runs_dir / id);
        const std::optional<std::string> text = dir.read_text();
        if (!text) {
            break;
        }
        std::optional<run::Record> record = run::RunDir::parse(*text);
        if (record && is_of(*record, errand)) {
            record->run = id;
            found = SeenRun{.record = std::move(*record), .summary = read_summary(dir.path())};
        }
    }
    return found;
}

}  // namespace ccci::bridge
