#include "inspect/run_journal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace ccci::inspect {

namespace {

/// Only what the journal itself says of a writer (a name that begins with '_') tells the run's own
/// entries from those of somebody who only says so.
std::string writer_of(const FoundRun& found) {
    return fmt::format("_UID={}", found.record.manager == "user" ? found.owner : 0);
}

std::string run_field(const FoundRun& found) {
    return "CC_CI_RUN=" + found.record.run;
}

std::string journals_form(std::string boot_id) {
    std::erase(boot_id, '-');
    return boot_id;
}

/// What the harness and ExecStopPost wrote, of this life of the unit alone: a run id may have been
/// somebody else's before.
std::vector<std::string> entries_of_the_harness(const FoundRun& found) {
    const run::Record& record = found.record;
    return {run_field(found), writer_of(found), "_COMM=cc-ci-harness",
            // The journal knows the invocation of the system manager's units only.
            record.manager == "system" ? "_SYSTEMD_INVOCATION_ID=" + record.invocation
                                       : "_BOOT_ID=" + journals_form(record.harness->boot)};
}

}  // namespace

std::optional<std::uint64_t> RunJournal::found() const try {
    const run::Record& record = found_.record;
    if (!record.journal_lines || *record.journal_lines == 0 || !record.harness || !record.started) {
        return std::nullopt;
    }
    auto journal = systemd::JournalReader::open();
    const auto oldest = journal ? journal->oldest() : std::nullopt;
    if (!oldest || *oldest > *record.started) {
        return std::nullopt;
    }
    journal->match({entries_of_the_harness(found_)});
    const std::uint64_t found = journal->count(*record.journal_lines);
    // To find none at all means, but for root, that none may be seen.
    return found == 0 && ::geteuid() != 0 ? std::nullopt : std::optional{found};
} catch (const std::system_error&) {
    return std::nullopt;
}

void RunJournal::match(systemd::JournalReader& journal) const {
    std::vector<std::vector<std::string>> alternatives{{run_field(found_), writer_of(found_)}};
    if (found_.record.manager == "user") {
        // The extra fields of a unit are added for the system manager's units only.
        alternatives.push_back({"_SYSTEMD_USER_UNIT=" + found_.record.unit, writer_of(found_)});
    }
    journal.match(alternatives);
}

std::vector<std::string> RunJournal::last_messages(std::size_t most) const try {
    auto journal = systemd::JournalReader::open();
    if (!journal) {
        return {};
    }
    match(*journal);
    return journal->last_messages(most);
} catch (const std::system_error&) {
    return {};
}

}  // namespace ccci::inspect
