#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace ccci::systemd {

/// A stream into the journal, a line an entry, on behalf of `unit`. Its entries carry that unit's
/// extra fields. nullopt when no journal listens; one that is just being restarted does.
///
/// The journal learns who wrote a line when it gets to it; a writer that is gone by then is nobody
/// (systemd issue 2913), and what it wrote lacks the unit and its fields. So whoever ends soon
/// after its last line first shuts its side down and waits until the journal has closed the other:
/// all lines are in then. For single entries there is the barrier.
std::optional<base::UniqueFd> open_journal_stream(
    const std::string& identifier, const std::string& unit,
    const std::string& socket = "/run/systemd/journal/stdout");

/// One structured entry in the journal's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL):
/// "MESSAGE=...", "PRIORITY=6", "CC_CI_RUN=267". Dropped when no journal listens. Ours rather than
/// libsystemd's, whose own libraries make up most of a harness's start-up time.
void send_to_journal(const std::vector<std::string>& fields);

/// Becomes readable when the journal has taken in every entry that was sent before. nullopt when no
/// journal listens.
std::optional<base::UniqueFd> open_journal_barrier();

}  // namespace ccci::systemd
