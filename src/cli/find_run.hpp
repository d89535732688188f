#pragma once

#include <string>
#include <utility>

#include "run/config.hpp"
#include "run/record.hpp"
#include "run/run_dir.hpp"

namespace ccci::cli {

/// The run directory and record of a run id. Throws run::UsageError when there is none.
std::pair<run::RunDir, run::Record> find_run(const run::Config& config, const std::string& id);

}  // namespace ccci::cli
