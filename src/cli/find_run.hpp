#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "run/config.hpp"
#include "run/record.hpp"
#include "run/run_dir.hpp"

namespace ccci::cli {

/// nullopt when it is not for us to see, when there is none, and when it says that it is another
/// run's.
std::optional<run::Record> read_visible(const run::RunDir& dir);

struct FoundRun {
    run::RunDir dir;
    run::Record record;
    uid_t owner;
};

/// The run of that id, or else the newest run of that domain; for root also another user's. Throws
/// run::UsageError when there is none.
FoundRun find_run(const run::Config& config, const std::string& name);

/// The run of that id, or else every run of that domain that is alive; where none is, the newest.
/// Throws as find_run() does.
std::vector<FoundRun> find_runs_to_stop(const run::Config& config, const std::string& name);

/// Every run of this user that is alive; for root, of every user.
std::vector<FoundRun> find_all_live_runs(const run::Config& config);

/// Before anything is done to that run: root becomes the run's user for good, so that nothing but
/// what is that user's can be hit, whatever the record says. Others stay who they are.
void become_owner(const FoundRun& found);

}  // namespace ccci::cli
