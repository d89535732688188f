#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "health/check.hpp"

namespace ccci::health {

/// What three tiny runs did.
struct SelfTestFacts {
    std::string not_done = {};  ///< why there was none; empty: there was one
    bool interrupted = false;

    struct Pinning {
        bool step_killed = false;  ///< and, in a unit, the harness: the run had begun
        bool teardown_began = false;
        bool held_in_between = false;  ///< the probe during the teardown was turned away
        bool free_afterwards = false;
    } pinning;

    struct Deadline {
        std::optional<int> code;  ///< what the step exited with
        std::chrono::microseconds limit{};
        std::chrono::microseconds took{};  ///< from the start of the step
    } deadline;

    struct Kill {
        bool stray_seen = false;
        std::optional<int> code;
        std::chrono::microseconds took{};  ///< from the start of the step: how slow the host is
        bool stray_gone = false;
    } kill;

    std::vector<std::string> said = {};  ///< the last line of each, for a failure
    std::vector<std::string> left = {};  ///< units and files
};

/// "self-test.pinning", ".deadline", ".kill", ".nothing-left"
Checks judge_self_test(const SelfTestFacts& facts);

}  // namespace ccci::health
