#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "health/check.hpp"
#include "health/unit_properties.hpp"

namespace ccci::health {

/// A Drone exec runner on this host.
struct RunnerFacts {
    bool booted = false;
    UnitProperties unit = {};        ///< not loaded: there is none to be seen
    bool environment_known = false;  ///< of its process; for root and its own user
    std::string capacity = {};       ///< DRONE_RUNNER_CAPACITY; empty: not set
    std::string path = {};           ///< PATH of its steps
    bool finds_cc_ci = false;
    std::string own_program = {};  ///< this cc-ci
    unsigned processors = 0;
    std::uint64_t memory = 0;  ///< bytes
    std::chrono::microseconds deadline{};
    std::chrono::microseconds teardown_budget{};
};

Checks judge_runner(const RunnerFacts& facts);

}  // namespace ccci::health
