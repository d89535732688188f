#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "health/check.hpp"
#include "health/unit_properties.hpp"

namespace ccci::health {

enum class CgroupLayout { none, hybrid, unified };

/// What can carry runs on this host.
struct SystemdFacts {
    bool booted = false;
    std::string version = {};  ///< "252.39-1~deb12u1"; empty: it did not say
    bool is_root = false;
    std::string user = {};
    unsigned uid = 0;
    bool user_bus = false;         ///< its own manager is there to be asked
    std::string bus_problem = {};  ///< empty: the manager that a run takes answers over the bus
    CgroupLayout cgroup = CgroupLayout::none;
    std::vector<std::string> controllers = {};  ///< of the manager that a run takes
};

Checks judge_systemd(const SystemdFacts& facts);

/// cc-ci.slice: what all runs together may take.
Check judge_slice(const UnitProperties& slice);

/// One of cc-ci's timers and the service that it starts.
struct TimerFacts {
    std::string name = {};  ///< "cc-ci-reap"
    std::string does = {};  ///< "reaps what nobody owns", why it matters
    bool needed = true;
    UnitProperties timer = {};
    UnitProperties service = {};
    std::string unit_files =
        {};  ///< where the units are installed, for a prefix that systemd ignores
};

Check judge_timer(const TimerFacts& facts);

/// The unit of a user's own manager, in which the runs of that user are.
Checks judge_user_manager(const SystemdFacts& facts, const UnitProperties& unit,
                          std::chrono::microseconds teardown_budget);

/// A program that belongs to cc-ci.
struct ProgramFacts {
    std::string name = {};
    std::string path = {};
    bool executable = false;
    std::string version = {};  ///< what it says of itself
};

Check judge_programs(const std::vector<ProgramFacts>& programs, const std::string& version);

}  // namespace ccci::health
