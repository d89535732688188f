#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "event/loop.hpp"
#include "launch/step_log.hpp"
#include "run/record.hpp"

namespace ccci::launch {

/// "still in install, for 3min 2s; nothing printed for 1min; 56min left", or "still in teardown
/// ..." without a deadline. `record` is the run's own of this moment.
std::string describe_progress(const run::Record& record, std::chrono::microseconds silent,
                              run::Time now);

/// Says something whenever a step's log was silent for a while, so that a long pull does not look
/// like a hang, neither to people nor to a CI that gives up on silent steps.
class Heartbeat {
public:
    /// `span` zero: never. `what` is asked when it is time, for a line.
    Heartbeat(event::Loop& loop, std::chrono::microseconds span, StepLog& log,
              std::function<std::string()> what);

private:
    void beat();

    std::chrono::microseconds span_;
    StepLog& log_;
    std::function<std::string()> what_;
    event::Source timer_;
};

}  // namespace ccci::launch
