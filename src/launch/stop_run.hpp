#pragma once

#include <optional>
#include <string>

#include "event/loop.hpp"
#include "run/record.hpp"
#include "run/run_dir.hpp"

namespace ccci::launch {

enum class StopResult {
    asked,         ///< whoever carries the run was told to stop
    already_over,  ///< nothing of the run lives any more
};

/// Tells a run to stop and why: its waiting step, its unit, or its harness, whichever carries it
/// now. Returns without waiting for the end. Throws systemd::ManagerError.
StopResult stop_run(const run::RunDir& dir, const run::Record& record, const run::StopOrder& order);

/// The same, and returns when nothing of the run lives any more, its ExecStopPost included.
StopResult stop_run_and_wait(event::Loop& loop, const run::RunDir& dir, const run::Record& record,
                             const run::StopOrder& order);

/// Whether the run's state is still that of a living process or unit, and not just the last word of
/// a record whose writers are dead.
bool is_carried(const run::Record& record);

/// What is_carried() can tell without asking a service manager; nullopt: it has to be asked.
std::optional<bool> is_carried_by_processes(const run::Record& record);

}  // namespace ccci::launch
