#pragma once

#include <cstdint>
#include <string>

#include "health/check.hpp"

namespace ccci::health {

/// The host's journal, as its files show it.
struct JournalFacts {
    bool booted = false;
    bool listens = false;        ///< its socket takes a connection
    bool persistent = false;     ///< it writes below /var/log/journal
    std::string directory = {};  ///< where it writes; empty: not to be seen
    std::uint64_t size = 0;      ///< bytes of the file system there
    std::uint64_t free_bytes = 0;
};

Checks judge_journal(const JournalFacts& facts);

}  // namespace ccci::health
