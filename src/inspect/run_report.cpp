#include "inspect/run_report.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/cgroup.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "base/user.hpp"
#include "inspect/run_journal.hpp"
#include "inspect/run_list.hpp"
#include "inspect/run_log.hpp"
#include "launch/carried.hpp"
#include "systemd/manager.hpp"

namespace ccci::inspect {

namespace {

/// The record's word on the unit's name counts only where it is the name that this run's has.
bool has_own_unit(const run::Record& record) {
    const std::string name = "cc-ci-run-" + record.run;
    return record.unit == name + ".service" || record.unit == name + ".scope";
}

/// A user's manager is asked by its own user only.
std::string unit_state(const FoundRun& found) {
    const bool is_user = found.record.manager == "user";
    if (!has_own_unit(found.record) || (is_user && found.owner != ::geteuid())) {
        return "";
    }
    const auto which = is_user ? systemd::Which::user : systemd::Which::system;
    try {
        const auto state = systemd::Manager::connect(which).state(found.record.unit);
        return state                  ? fmt::format("{} ({})", base::printable(state->active),
                                                    base::printable(state->sub))
               : found.record.started ? "gone"
                                      : "not there yet";
    } catch (const systemd::ManagerError&) {
        return "";
    }
}

std::optional<QueuePlace> place_of(const run::Config& config, const run::Record& record,
                                   Whose whose) {
    const RunList list =
        list_runs(config.runs_dir, {.most_over = 0, .domain = record.domain, .whose = whose});
    const auto before =
        std::count_if(list.runs.begin(), list.runs.end(), [&](const ListedRun& other) {
            return other.carried && other.record.state == run::State::waiting &&
                   other.record.run != record.run && run::came_before(other.record, record);
        });
    return QueuePlace{static_cast<std::size_t>(before)};
}

/// The unit's, while its harness is in it.
std::optional<std::filesystem::path> cgroup_of(const run::Record& record) {
    if (!has_own_unit(record) || !record.harness || !record.harness->is_alive()) {
        return std::nullopt;
    }
    auto cgroup = base::cgroup_of(record.harness->pid);
    return cgroup && cgroup->filename() == record.unit ? std::move(cgroup) : std::nullopt;
}

std::optional<RecipeReport> recipe_report(const run::RunDir& dir) {
    try {
        const auto text = base::try_read_file(dir.path() / "results.json");
        return text ? parse_results(*text) : std::nullopt;
    } catch (const std::system_error&) {
        return std::nullopt;
    }
}

}  // namespace

RunReport report_on(const run::Config& config, const FoundRun& found, const Asked& asked) {
    const run::Record& record = found.record;
    const bool carried = launch::is_carried(found.owner, record);
    RunReport report{.record = record,
                     .user = base::user_name(found.owner),
                     .state = shown_state(record, carried),
                     .carried = carried,
                     .now = std::chrono::system_clock::now(),
                     .unit_state = unit_state(found)};
    if (report.state == "waiting") {
        report.queue = place_of(config, record, asked.whose);
    }
    report.resources = record.resources;
    if (const auto cgroup = cgroup_of(record)) {
        report.resources = run::usage_of(*cgroup);
        report.current = run::current_of(*cgroup);
    }
    if (!record.unit.empty()) {
        const RunJournal journal{found};
        if (asked.lines > 0) {
            report.output = journal.last_messages(asked.lines);
        }
        // Until it is gone, the harness waits for the journal to take its last entries.
        const bool is_over = asked.losses && (!record.harness || !record.harness->is_alive());
        if (const auto count = is_over ? journal.found() : std::nullopt) {
            report.journal = JournalReport{*record.journal_lines, *count};
        }
    }
    return report;
}

void add_files_of(const FoundRun& found, std::size_t lines, RunReport& report) {
    report.recipe = recipe_report(found.dir);
    if (report.output.empty()) {
        report.output = RunLog{found}.last(lines);
    }
}

std::vector<ShownPhase> phases_of(const run::Record& record) {
    std::vector<ShownPhase> phases;
    if (!record.created) {
        return phases;
    }
    phases.push_back({"queue", *record.created, record.started ? record.started : record.ended});
    if (!record.started) {
        return phases;
    }
    if (!record.phases.empty()) {
        phases.push_back({"start", *record.started, record.phases.front().began});
        for (const run::PhaseTime& phase : record.phases) {
            phases.push_back({phase.name, phase.began, phase.ended});
        }
    } else {
        phases.push_back({"job", *record.started, record.job_ended});
        if (record.job_ended) {
            phases.push_back({"teardown", *record.job_ended, record.ended});
        }
    }
    return phases;
}

}  // namespace ccci::inspect
