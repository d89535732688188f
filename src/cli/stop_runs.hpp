#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/find_run.hpp"

namespace ccci::cli {

/// What became of one of them.
struct Stopped {
    enum class Result { over, already_over, asked, failed };
    inspect::FoundRun run;
    Result result = Result::failed;
    std::string error;  ///< of one that could not be told to stop
};

/// Tells all of these runs to stop, and returns when nothing of any of them lives any more, or at
/// once. Those that wait for a lock go first, so that none of them gets it from one that is
/// stopped. `tell` is called for each as soon as it is done with.
///
/// Each is asked by a process of its own: whoever asks is the run's user for good, and waits in
/// that user's manager.
void stop_runs(std::vector<inspect::FoundRun> runs, const run::StopOrder& order, bool wait,
               const std::function<void(const Stopped&)>& tell);

}  // namespace ccci::cli
