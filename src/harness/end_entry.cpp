#include "harness/end_entry.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "systemd/journal.hpp"

namespace ccci::harness {

void log_end(const run::Record& record, Writer writer) {
    const run::Verdict& verdict = *record.verdict;
    const std::string kind = run::to_string(verdict.kind);
    std::vector<std::string> fields{fmt::format("MESSAGE=run {} {}{}{}", record.run, kind,
                                                verdict.reason.empty() ? "" : ": ", verdict.reason),
                                    "PRIORITY=6", "SYSLOG_IDENTIFIER=cc-ci", "CC_CI_EVENT=ended",
                                    "CC_CI_VERDICT=" + kind};
    // The journal adds the extra fields of a unit to what the unit's processes write, but only for
    // units of the system manager. Written twice, a field would have two values.
    if (writer == Writer::step || record.manager != "system") {
        fields.push_back("CC_CI_RUN=" + record.run);
        if (!record.domain.empty()) {
            fields.push_back("CC_CI_DOMAIN=" + record.domain);
        }
    }
    systemd::send_to_journal(fields);
}

}  // namespace ccci::harness
