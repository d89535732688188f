#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace ccci::systemd {

/// A stream into the journal, a line an entry, on behalf of `unit`. Its entries carry that unit's
/// extra fields. nullopt when no journal listens; one that is just being restarted does. For what
/// writes to a stderr; everything else goes through a JournalWriter.
std::optional<base::UniqueFd> open_journal_stream(
    const std::string& identifier, const std::string& unit,
    const std::string& socket = "/run/systemd/journal/stdout");

/// One structured entry in the journal's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL):
/// "MESSAGE=...", "PRIORITY=6", "CC_CI_RUN=267". Dropped when no journal listens. Ours rather than
/// libsystemd's, whose own libraries make up most of a harness's start-up time.
void send_to_journal(const std::vector<std::string>& fields);

/// Becomes readable when the journal has had a look at all of its sockets since the call, which is
/// not the same as having read them to their ends. nullopt when no journal listens.
std::optional<base::UniqueFd> open_journal_barrier();

}  // namespace ccci::systemd
