#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "cli/commands.hpp"
#include "cli/find_run.hpp"
#include "cli/lock_report.hpp"
#include "cli/metrics_text.hpp"
#include "cli/print.hpp"
#include "launch/carried.hpp"
#include "run/run_dir.hpp"
#include "run/tally.hpp"
#include "version.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;
using Samples = std::vector<MetricsText::Sample>;

struct KnownRuns {
    std::vector<run::Record> records;
    std::map<std::string, double> live;  ///< by state; every state of a live run is there
    double lost = 0;
};

KnownRuns read_known_runs(const fs::path& runs_dir) {
    KnownRuns known;
    for (const auto state : {run::State::waiting, run::State::starting, run::State::running,
                             run::State::tearing_down}) {
        known.live[run::to_string(state)] = 0;
    }
    for (const run::RunDir& dir : run::RunDir::all_visible(runs_dir)) {
        const auto owner = dir.owner();
        auto record = inspect::read_visible(dir);
        if (!owner || !record) {
            continue;
        }
        if (record->state != run::State::ended) {
            ++(launch::is_carried(*owner, *record) ? known.live[run::to_string(record->state)]
                                                   : known.lost);
        }
        known.records.push_back(std::move(*record));
    }
    return known;
}

double to_value(std::uint64_t count) {
    return static_cast<double>(count);
}

void add_runs(MetricsText& text, const KnownRuns& known, const run::Tally& tally) {
    Samples live;
    for (const auto& [state, count] : known.live) {
        live.push_back({{{"state", state}}, count});
    }
    text.gauge("cc_ci_live_runs", "Runs that are alive.", live);
    text.gauge("cc_ci_lost_runs", "Recorded runs of which nothing lives, and whose end nobody saw.",
               {{{}, known.lost}});
    Samples ended;
    for (const auto& [verdict, count] : tally.verdicts) {
        ended.push_back({{{"verdict", verdict}}, to_value(count)});
    }
    text.counter("cc_ci_ended_runs", "Runs that have ended.", ended);
    text.counter("cc_ci_incomplete_teardowns", "Ended runs whose teardown left something behind.",
                 {{{}, to_value(tally.incomplete_teardowns)}});
    text.counter("cc_ci_leaked_processes", "Processes that were alive when their job had ended.",
                 {{{}, to_value(tally.leaked_processes)}});
    text.counter("cc_ci_journal_entries", "Entries that ended runs have handed to the journal.",
                 {{{}, to_value(tally.journal_entries)}});
    text.histogram("cc_ci_run_queue_seconds", "From the creation of a run to its start.",
                   tally.queue);
    text.histogram("cc_ci_run_job_seconds", "The job of a run.", tally.job);
    text.histogram("cc_ci_run_teardown_seconds", "From the end of a run's job to its own.",
                   tally.teardown);
}

void add_janitor_passes(MetricsText& text, const run::JanitorTally& janitor) {
    text.counter("cc_ci_janitor_passes", "Passes of the janitor over the whole host.",
                 {{{}, to_value(janitor.passes)}});
    text.counter("cc_ci_janitor_incomplete_passes", "Those that could not deal with everything.",
                 {{{}, to_value(janitor.incomplete)}});
    text.counter("cc_ci_orphans_reaped", "Apps that nobody owned, and that the janitor removed.",
                 {{{}, to_value(janitor.reaped)}});
    text.counter("cc_ci_orphans_not_reaped", "Tries to remove one that left something.",
                 {{{}, to_value(janitor.not_reaped)}});
    if (janitor.last_pass) {
        text.gauge(
            "cc_ci_janitor_last_pass_timestamp_seconds", "When the newest of these passes ended.",
            {{{}, std::chrono::duration<double>(janitor.last_pass->time_since_epoch()).count()}});
    }
}

void add_locks(MetricsText& text, const std::vector<LockRow>& rows) {
    std::map<std::string, double> views{{"held", 0}, {"free", 0}, {"unknown", 0}};
    double leftovers = 0;
    double waiters = 0;
    double oldest = 0;
    const auto now = std::chrono::system_clock::now();
    for (const LockRow& row : rows) {
        ++views[to_string(row.view)];
        leftovers += row.leftover ? 1 : 0;
        waiters += static_cast<double>(row.waiters.size());
        for (const LockWaiter& waiter : row.waiters) {
            oldest = std::max(
                oldest, std::chrono::duration<double>(now - waiter.since.value_or(now)).count());
        }
    }
    Samples locks;
    for (const auto& [view, count] : views) {
        locks.push_back({{{"state", view}}, count});
    }
    text.gauge("cc_ci_locks", "Lock files of domains.", locks);
    text.gauge("cc_ci_leftover_locks", "Free lock files of runs that did not finish.",
               {{{}, leftovers}});
    text.gauge("cc_ci_lock_waiters", "Runs and processes that wait for a lock.", {{{}, waiters}});
    text.gauge("cc_ci_lock_oldest_wait_seconds",
               "How long the one has waited who has waited longest.", {{{}, oldest}});
}

int metrics(const Context& context, const std::string& file) {
    const run::Config config = context.config();
    const KnownRuns known = read_known_runs(config.runs_dir);
    const std::vector<LockRow> locks = read_locks(config);
    MetricsText text{file.empty() ? MetricsFormat::openmetrics : MetricsFormat::prometheus};
    text.gauge("cc_ci_version", "1, with the version of cc-ci.", {{{{"version", k_version}}, 1}});
    const run::Tally tally = run::update_tally(config.state_dir, known.records);
    add_runs(text, known, tally);
    add_janitor_passes(text, tally.janitor);
    add_locks(text, locks);
    const std::string whole = std::move(text).finish();
    if (file.empty()) {
        print_text(stdout, whole);
    } else {
        base::write_file_atomically(fs::absolute(file), whole, 0644);
    }
    return 0;
}

}  // namespace

Action add_metrics(CLI::App& program) {
    auto file = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand("metrics");
    command->add_option("--output", *file)->type_name("FILE");
    return [file](const Context& context) { return metrics(context, *file); };
}

}  // namespace ccci::cli
