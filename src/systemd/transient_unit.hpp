#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ccci::systemd {

/// Limits of a whole run; nullopt: none.
struct Limits {
    std::optional<std::uint64_t> memory_max;  ///< bytes
    std::optional<std::uint64_t> cpu_quota;   ///< microseconds of CPU time per second
    std::optional<std::uint64_t> tasks_max;

    bool operator==(const Limits&) const = default;
};

/// A transient service as cc-ci uses it (systemd.service(5), systemd.exec(5), systemd.kill(5)):
/// Type=exec, KillMode=mixed, CollectMode=inactive-or-failed, NotifyAccess=none, OOMPolicy=stop,
/// and a log rate limit that a burst of output does not hit.
struct TransientService {
    std::string name;
    std::string description;
    std::string slice;
    std::vector<std::string> exec_start;        ///< absolute path and arguments
    std::vector<std::string> exec_stop_post;    ///< empty: none
    std::vector<std::string> log_fields;        ///< "CC_CI_RUN=267"
    std::vector<std::string> environment = {};  ///< "NAME=value"; any user may read it
    std::string syslog_identifier = "cc-ci";
    std::vector<std::string> after = {};       ///< units that are stopped after this one
    std::chrono::microseconds runtime_max{};   ///< zero: none
    std::chrono::microseconds timeout_stop{};  ///< zero: systemd's default
    Limits limits = {};
    /// Borrowed for the call; systemd gets copies and keeps them until the unit is inactive or
    /// failed, ExecStopPost included. -1: /dev/null. Stderr follows stdout.
    int stdin_fd = -1;
    int stdout_fd = -1;  ///< -1: the journal
};

/// A transient scope around processes that exist.
struct TransientScope {
    std::string name;
    std::string description;
    std::string slice;
    std::vector<pid_t> processes;
    std::chrono::microseconds runtime_max{};
    std::chrono::microseconds timeout_stop{};
    Limits limits = {};
};

/// What systemd says about a unit (org.freedesktop.systemd1.Unit).
struct UnitState {
    std::string active;  ///< "active", "activating", "deactivating", "inactive", "failed"
    std::string sub;
    std::string invocation;  ///< 32 hex digits, or empty

    /// Nothing of it runs any more.
    [[nodiscard]] bool is_over() const { return active == "inactive" || active == "failed"; }
};

struct ListedUnit {
    std::string name;
    std::string active;
    std::string sub;
};

}  // namespace ccci::systemd
