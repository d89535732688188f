#include "harness/end_entry.hpp"

#include <fmt/format.h>

#include "base/duration.hpp"
#include "harness/journal_log.hpp"
#include "systemd/journal.hpp"
#include "systemd/journal_events.hpp"

namespace ccci::harness {

namespace {

void append(std::vector<std::string>& fields, const std::vector<std::string>& more) {
    fields.insert(fields.end(), more.begin(), more.end());
}

}  // namespace

std::string end_message(const run::Record& record) {
    const run::Verdict& verdict = *record.verdict;
    return fmt::format("run {} {}{}{}", record.run, run::to_string(verdict.kind),
                       verdict.reason.empty() ? "" : ": ", verdict.reason);
}

std::vector<std::string> end_fields(const run::Record& record) {
    return {"CC_CI_VERDICT=" + run::to_string(record.verdict->kind),
            fmt::format("CC_CI_EXIT_CODE={}", record.verdict->exit_code)};
}

std::string start_message(const run::Record& record) {
    return fmt::format("run {}{}{} began, deadline {}", record.run,
                       record.domain.empty() ? "" : " of ", record.domain,
                       base::format_duration(record.deadline));
}

void log_start(const run::Record& record) {
    std::vector<std::string> fields =
        systemd::event_fields(systemd::Event::started, start_message(record));
    append(fields, run_fields(record));
    systemd::send_to_journal(fields);
}

void log_end(const run::Record& record) {
    std::vector<std::string> fields =
        systemd::event_fields(systemd::Event::ended, end_message(record));
    append(fields, end_fields(record));
    append(fields, run_fields(record));
    systemd::send_to_journal(fields);
}

}  // namespace ccci::harness
