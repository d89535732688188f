#include "cli/find_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/user.hpp"
#include "cli/carried.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::cli {

namespace {

std::optional<FoundRun> look_at(const run::RunDir& dir) {
    const auto owner = dir.owner();
    auto record = read_visible(dir);
    // The same one after as before: the record is that owner's.
    if (!record || !owner || dir.owner() != owner) {
        return std::nullopt;
    }
    return FoundRun{dir, std::move(*record), *owner};
}

/// Newest first.
std::vector<FoundRun> runs_of(const run::Config& config, const std::string& domain) {
    std::vector<FoundRun> runs;
    for (const run::RunDir& dir : run::RunDir::all_visible(config.runs_dir)) {
        auto found = look_at(dir);
        if (found && found->record.domain == domain) {
            runs.push_back(std::move(*found));
        }
    }
    std::sort(runs.begin(), runs.end(), [](const FoundRun& one, const FoundRun& other) {
        return run::came_before(other.record, one.record);
    });
    return runs;
}

FoundRun the_live_one(std::vector<FoundRun> runs, const std::string& domain) {
    const FoundRun newest = runs.front();
    std::erase_if(runs, [](const FoundRun& run) { return !is_carried(run.owner, run.record); });
    if (runs.size() > 1) {
        std::vector<std::string> ids;
        for (const FoundRun& run : runs) {
            ids.push_back(run.record.run);
        }
        throw run::UsageError{fmt::format("domain '{}' has {} runs that are alive: {}", domain,
                                          runs.size(), base::join(ids, ", "))};
    }
    return runs.empty() ? newest : runs.front();
}

}  // namespace

std::optional<run::Record> read_visible(const run::RunDir& dir) {
    auto record = dir.is_visible() ? dir.read() : std::nullopt;
    return record && record->run == dir.id() ? std::move(record) : std::nullopt;
}

FoundRun find_run(const run::Config& config, const std::string& name, Meant meant) {
    if (run::is_domain(name)) {
        // A domain may be a run's id as well: what has that very name comes first.
        const auto named = run::is_run_id(name) ? look_at(run::RunDir::open(config.runs_dir / name))
                                                : std::nullopt;
        if (named) {
            return *named;
        }
        std::vector<FoundRun> runs = runs_of(config, name);
        if (runs.empty()) {
            throw run::UsageError{
                fmt::format("no run '{}', and no run of such a domain, in {} "
                            "(cc-ci ps --all lists them)",
                            name, config.runs_dir.native())};
        }
        return meant == Meant::live ? the_live_one(std::move(runs), name) : runs.front();
    }
    auto found = look_at(run::RunDir::open(config.runs_dir / run::check_run_id(name)));
    if (!found) {
        throw run::UsageError{
            fmt::format("no run '{}' in {} (cc-ci ps lists them)", name, config.runs_dir.native())};
    }
    return *found;
}

void become_owner(const FoundRun& found) {
    if (::geteuid() == 0 && found.owner != 0) {
        base::become_user(found.owner);
    }
}

}  // namespace ccci::cli
