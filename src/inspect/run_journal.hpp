#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/found_run.hpp"
#include "systemd/journal_reader.hpp"

namespace ccci::inspect {

/// What the journal has of a run that a unit carries.
class RunJournal {
public:
    explicit RunJournal(const FoundRun& found) : found_{found} {}

    /// How many of the entries that the harness has handed to the journal are there. nullopt: that
    /// cannot be told, as it has handed over none, or too long ago, or we may not read them.
    [[nodiscard]] std::optional<std::uint64_t> found() const;

    /// Has a reader see the lines of the run, as cc-ci logs shows them, and nothing else.
    void match(systemd::JournalReader& journal) const;

    /// The last lines of the run, as cc-ci logs shows them.
    [[nodiscard]] std::vector<std::string> last_messages(std::size_t most) const;

private:
    const FoundRun& found_;
};

}  // namespace ccci::inspect
