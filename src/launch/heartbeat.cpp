#include "launch/heartbeat.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::launch {

using std::chrono::microseconds;
using std::chrono::steady_clock;

namespace {

microseconds between(run::Time from, run::Time to) {
    return std::max(std::chrono::duration_cast<microseconds>(to - from), microseconds{0});
}

}  // namespace

std::string describe_progress(const run::Record& record, microseconds silent, run::Time now) {
    std::string line = "still at work";
    if (!record.phases.empty() && !record.phases.back().ended) {
        const run::PhaseTime& phase = record.phases.back();
        line = fmt::format("still in {}, for {}", base::printable(phase.name),
                           base::format_duration(between(phase.began, now)));
    }
    line += fmt::format("; nothing printed for {}", base::format_duration(silent));
    if (record.state == run::State::running && record.started) {
        const auto end =
            *record.started + std::chrono::duration_cast<run::Time::duration>(record.deadline);
        line += fmt::format("; {} left", base::format_duration(between(now, end)));
    }
    return line;
}

Heartbeat::Heartbeat(event::Loop& loop, microseconds span, StepLog& log,
                     std::function<std::string()> what)
    : span_{span}, log_{log}, what_{std::move(what)} {
    if (span > microseconds{0}) {
        timer_ = loop.after(span, [this] { beat(); });
    }
}

void Heartbeat::beat() {
    // Output only moves the time at which it would be due: nothing is armed anew for each line.
    if (steady_clock::now() - log_.last_word() >= span_) {
        log_.say(what_());
    }
    timer_.set_time(log_.last_word() + span_);
}

}  // namespace ccci::launch
