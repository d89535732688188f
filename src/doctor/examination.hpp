#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "event/loop.hpp"
#include "health/check.hpp"

namespace ccci::doctor {

/// A part of what is looked at.
struct Question {
    std::string name;  ///< of the check that stands for it when there is no answer
    std::string why;
    std::function<health::Checks()> answer;
    std::chrono::milliseconds patience = std::chrono::seconds{10};
    /// It takes SIGTERM for a wish to end, and cleans up then; else it is just killed.
    bool tidies_up = false;
};

struct Findings {
    health::Checks checks;  ///< in the order of the questions
    bool interrupted = false;
};

/// Asks all questions at once, each in a process of its own, so that a file system, a bus or a
/// program that does not answer costs its part of the answers and no more than its patience.
/// SIGINT, SIGTERM and SIGHUP end it early. These must be blocked (event::Loop::block_signals).
Findings examine(event::Loop& loop, const std::vector<Question>& questions);

}  // namespace ccci::doctor
