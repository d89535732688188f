#pragma once

#include <string>
#include <vector>

#include "inspect/found_run.hpp"
#include "run/config.hpp"

namespace ccci::cli {

/// The run of that id, or else the newest run of that domain; for root also another user's. Throws
/// run::UsageError when there is none.
inspect::FoundRun find_run(const run::Config& config, const std::string& name);

/// The run of that id, or else every run of that domain that is alive; where none is, the newest.
/// Throws as find_run() does.
std::vector<inspect::FoundRun> find_runs_to_stop(const run::Config& config,
                                                 const std::string& name);

/// Every run of this user that is alive; for root, of every user.
std::vector<inspect::FoundRun> find_all_live_runs(const run::Config& config);

/// Before anything is done to that run: root becomes the run's user for good, so that nothing but
/// what is that user's can be hit, whatever the record says. Others stay who they are.
void become_owner(const inspect::FoundRun& found);

}  // namespace ccci::cli
