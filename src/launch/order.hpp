#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "launch/cluster_claim.hpp"
#include "run/request.hpp"
#include "systemd/transient_unit.hpp"

namespace ccci::launch {

/// What a step is to do; all of it checked by the caller.
struct Order {
    std::filesystem::path lock_dir;
    std::filesystem::path runs_dir;
    std::string wanted_id;
    std::string domain;  ///< empty: guarded, but without a lock
    std::string label;   ///< what `ps` calls the job
    std::string user;
    /// Without run, run_dir, lock_file and clean_slate, which the step finds out. Programs get the
    /// CCCI_RUN, CCCI_RUN_DIR, CCCI_NOTE_FILE and CCCI_DOMAIN variables added, the job also
    /// CCCI_PHASE_FILE.
    run::Request request;
    /// The teardown is the platform's, so it can be asked before the job whether anything is there;
    /// else a clean slate is made only after a predecessor that did not finish.
    bool always_clean_slate = false;
    systemd::Limits limits;
    std::optional<std::chrono::microseconds> wait_timeout;  ///< nullopt: for ever; zero: not at all
    bool supersede = false;
    std::optional<ClusterLock> cluster_lock;  ///< nullopt: the lock file is all there is
    bool detach = false;
    /// After so long without a line the log says what is going on; zero: never.
    std::chrono::microseconds heartbeat{};
    /// Follows the build that the step belongs to: see BuildWatch.
    std::optional<run::Program> build_watch;
    /// Said once: why nothing follows it. Empty: there is no build.
    std::string no_build_watch;
    /// Called once the run is on its way: asks for a janitor pass. May be empty.
    std::function<void()> on_started;
};

/// The job has a teardown of its own, which no platform could stand in for.
inline bool has_own_teardown(const Order& order) {
    return order.request.teardown && !order.always_clean_slate;
}

}  // namespace ccci::launch
