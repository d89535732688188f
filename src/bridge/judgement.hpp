#pragma once

#include <optional>
#include <string>

#include "bridge/state.hpp"
#include "drone/build.hpp"
#include "run/record.hpp"

namespace ccci::bridge {

/// What is to be seen of a build that was started: Drone's word and, where the run is on this host,
/// what the run left of itself.
struct Sight {
    std::optional<drone::Build> build;  ///< nullopt: Drone knows of no such build
    std::optional<run::Record> record = {};
    std::optional<Summary> summary = {};
};

/// Either how it ended, or what is going on.
struct Judgement {
    std::optional<Result> result;
    bool is_running = false;  ///< it waits for nobody
    std::string progress;

    bool operator==(const Judgement&) const = default;
};

/// A build is over when both Drone and the run say so, or when the one that does not cannot be
/// expected to any more. It passed only if nobody says otherwise.
Judgement judge(const Sight& sight, Time now);

}  // namespace ccci::bridge
