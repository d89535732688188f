#include "cli/find_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/user.hpp"
#include "cli/suggest.hpp"
#include "launch/carried.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::cli {

namespace {

/// Newest first.
std::vector<inspect::FoundRun> runs_of(const run::Config& config, const std::string& domain) {
    std::vector<inspect::FoundRun> runs;
    for (const run::RunDir& dir : run::RunDir::all_visible(config.runs_dir)) {
        auto found = inspect::look_at(dir);
        if (found && found->record.domain == domain) {
            runs.push_back(std::move(*found));
        }
    }
    std::sort(runs.begin(), runs.end(),
              [](const inspect::FoundRun& one, const inspect::FoundRun& other) {
                  return run::came_before(other.record, one.record);
              });
    return runs;
}

/// The ids of what we may see, or its domains; those of the newest runs first.
std::vector<std::string> known_names(const run::Config& config, bool domains) {
    std::vector<run::Record> records;
    for (const run::RunDir& dir : run::RunDir::all_visible(config.runs_dir)) {
        if (auto record = inspect::read_visible(dir)) {
            records.push_back(std::move(*record));
        }
    }
    std::sort(records.begin(), records.end(),
              [](const auto& one, const auto& other) { return run::came_before(other, one); });
    std::vector<std::string> names;
    for (const run::Record& record : records) {
        const std::string& name = domains ? record.domain : record.run;
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    }
    return names;
}

[[noreturn]] void refuse_unknown(const run::Config& config, const std::string& name) {
    const bool domain = run::is_domain(name);
    throw run::UsageError{fmt::format(
        "no run '{}'{} in {}{}", name, domain ? ", and no run of such a domain," : "",
        config.runs_dir.native(),
        did_you_mean(name, known_names(config, domain),
                     domain ? " (cc-ci ps --all lists them)" : " (cc-ci ps lists them)"))};
}

/// The run of that very id, which comes first: a domain may be a run's id as well.
std::optional<inspect::FoundRun> find_by_id(const run::Config& config, const std::string& name) {
    if (run::is_domain(name) && !run::is_run_id(name)) {
        return std::nullopt;
    }
    return inspect::look_at(run::RunDir::open(config.runs_dir / run::check_run_id(name)));
}

}  // namespace

inspect::FoundRun find_run(const run::Config& config, const std::string& name) {
    if (auto named = find_by_id(config, name)) {
        return std::move(*named);
    }
    std::vector<inspect::FoundRun> runs =
        run::is_domain(name) ? runs_of(config, name) : std::vector<inspect::FoundRun>{};
    if (runs.empty()) {
        refuse_unknown(config, name);
    }
    return std::move(runs.front());
}

std::vector<inspect::FoundRun> find_runs_to_stop(const run::Config& config,
                                                 const std::string& name) {
    if (auto named = find_by_id(config, name)) {
        return {std::move(*named)};
    }
    std::vector<inspect::FoundRun> runs = {find_run(config, name)};
    std::vector<inspect::FoundRun> live = runs_of(config, name);
    std::erase_if(live, [](const inspect::FoundRun& run) {
        return !launch::is_carried(run.owner, run.record);
    });
    return live.empty() ? runs : live;
}

std::vector<inspect::FoundRun> find_all_live_runs(const run::Config& config) {
    std::vector<inspect::FoundRun> runs;
    for (const run::RunDir& dir : run::RunDir::all_visible(config.runs_dir)) {
        auto found = inspect::look_at(dir);
        if (found && (::geteuid() == 0 || found->owner == ::geteuid()) &&
            launch::is_carried(found->owner, found->record)) {
            runs.push_back(std::move(*found));
        }
    }
    return runs;
}

void become_owner(const inspect::FoundRun& found) {
    if (::geteuid() == 0 && found.owner != 0) {
        base::become_user(found.owner);
    }
}

}  // namespace ccci::cli
