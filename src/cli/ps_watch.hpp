#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "inspect/run_list.hpp"

namespace ccci::cli {

/// Shows the runs at each change until a signal ends it: on a terminal in place, elsewhere as one
/// table after the other, or as a line of JSON each. Returns the exit code: 128 and the signal, 0
/// when nobody reads any more.
int watch_runs(const std::filesystem::path& runs_dir, const inspect::Wanted& wanted, bool as_json,
               const std::vector<std::string>& environment);

}  // namespace ccci::cli
