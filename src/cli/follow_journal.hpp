#pragma once

#include <string>
#include <vector>

#include "cli/find_run.hpp"

namespace ccci::cli {

/// Shows what `journalctl OPTIONS FIRST MATCHES` prints, goes on with what the run says, and
/// returns when the run is over and everything has been shown, each line once; or when nobody reads
/// any more. Returns the exit code: 1 when the journal is not for us to read. `first` selects what
/// is shown to begin with: --since=..., --lines=...
int follow_journal(const inspect::FoundRun& run, const std::vector<std::string>& options,
                   const std::vector<std::string>& first, const std::vector<std::string>& matches);

}  // namespace ccci::cli
