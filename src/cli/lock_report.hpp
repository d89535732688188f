#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "locks/holder.hpp"
#include "locks/lock_view.hpp"
#include "run/config.hpp"
#include "run/record.hpp"

namespace ccci::cli {

/// Somebody who waits for a domain's lock.
struct LockWaiter {
    pid_t pid = 0;     ///< the process that is blocked; 0: not known
    std::string run;   ///< empty: no run that we can see
    std::string user;  ///< of the run
    std::string what;  ///< the run's label, or the process's command line
    std::optional<run::Time> since;
};

/// A lock file of the lock directory.
struct LockRow {
    std::string domain;
    locks::LockView view = locks::LockView::unknown;
    std::string reason;                   ///< of unknown
    bool leftover = false;                ///< free, and the one who wrote into it did not finish
    std::optional<locks::Holder> holder;  ///< of a leftover, the last one
    /// Whether all of them are in the kernel's queue, in its order; else those that are come first,
    /// and the others follow in the order in which they were started.
    bool kernel_order = true;
    std::vector<LockWaiter> waiters;
};

/// Every domain's lock. Looks only: no lock is taken, no file made. Throws std::system_error when
/// the directory cannot be listed.
std::vector<LockRow> read_locks(const run::Config& config);

std::string to_string(locks::LockView view);
void to_json(nlohmann::json& out, const LockRow& row);

}  // namespace ccci::cli
