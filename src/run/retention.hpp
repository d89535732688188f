#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "run/record.hpp"

namespace ccci::run {

/// A run of which nothing lives any more.
struct PastRun {
    std::string id;
    Time ended;
};

/// What is kept of past runs. What is not set keeps all.
struct Retention {
    std::optional<std::chrono::microseconds> longest;  ///< since a run's end
    std::optional<std::size_t> most;                   ///< so many, the latest
};

/// The ids of those that are kept no longer, oldest first. One that ended in the future, by a clock
/// that was set back since, is young.
std::vector<std::string> expired(std::vector<PastRun> runs, const Retention& retention, Time now);

}  // namespace ccci::run
