#include "inspect/run_report.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/cgroup.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "base/user.hpp"
#include "inspect/run_journal.hpp"
#include "inspect/run_list.hpp"
#include "launch/carried.hpp"
#include "systemd/manager.hpp"

namespace ccci::inspect {

namespace {

/// Where the last lines of a log are surely in.
constexpr off_t k_tail = 256 * 1024;

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

std::optional<QueuePlace> place_of(const run::Config& config, const run::Record& record) {
    const RunList list = list_runs(config.runs_dir, {.most_over = 0, .domain = record.domain});
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

std::vector<std::string> last_lines_of(const std::filesystem::path& file, std::size_t most) {
    try {
        const auto fd = base::try_open_file(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
        struct stat info {};
        if (!fd || ::fstat(fd->get(), &info) != 0 || !S_ISREG(info.st_mode)) {
            return {};
        }
        (void)::lseek(fd->get(), std::max<off_t>(0, info.st_size - k_tail), SEEK_SET);
        std::string text = base::read_all(fd->get(), file.native());
        if (text.ends_with('\n')) {
            text.pop_back();
        }
        std::vector<std::string> lines = base::split(text, '\n');
        if (text.empty()) {
            lines.clear();
        }
        const auto count = static_cast<std::ptrdiff_t>(std::min(most, lines.size()));
        return {std::make_move_iterator(lines.end() - count), std::make_move_iterator(lines.end())};
    } catch (const std::system_error&) {
        return {};
    }
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

RunReport report_on(const run::Config& config, const FoundRun& found, std::size_t lines) {
    const run::Record& record = found.record;
    const bool carried = launch::is_carried(found.owner, record);
    RunReport report{.record = record,
                     .user = base::user_name(found.owner),
                     .state = shown_state(record, carried),
                     .carried = carried,
                     .now = std::chrono::system_clock::now(),
                     .unit_state = unit_state(found)};
    if (report.state == "waiting") {
        report.queue = place_of(config, record);
    }
    report.resources = record.resources;
    if (const auto cgroup = cgroup_of(record)) {
        report.resources = run::usage_of(*cgroup);
        report.current = run::current_of(*cgroup);
    }
    if (!record.unit.empty()) {
        const RunJournal journal{found};
        report.output = journal.last_messages(lines);
        // Until it is gone, the harness waits for the journal to take its last entries.
        const bool is_over = !record.harness || !record.harness->is_alive();
        if (const auto count = is_over ? journal.found() : std::nullopt) {
            report.journal = JournalReport{*record.journal_lines, *count};
        }
    }
    return report;
}

void add_files_of(const FoundRun& found, std::size_t lines, RunReport& report) {
    report.recipe = recipe_report(found.dir);
    if (report.output.empty()) {
        report.output = last_lines_of(found.dir.output_log(), lines);
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
