#include "bridge/judgement.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ccci::bridge {

namespace {

using run::VerdictKind;

/// The step of a run ends a moment after its record does, and Drone hears of it a moment later; but
/// a pipeline may have steps after it.
constexpr std::chrono::minutes k_drone_is_slow{10};
/// systemd's ExecStopPost and the janitor come after the last moment that a run may live.
constexpr std::chrono::minutes k_end_is_slow{20};

Ending ending_of(VerdictKind kind) {
    switch (kind) {
        case VerdictKind::passed:
            return Ending::passed;
        case VerdictKind::failed:
            return Ending::failed;
        case VerdictKind::cancelled:
            return Ending::cancelled;
        case VerdictKind::superseded:
            return Ending::superseded;
        case VerdictKind::deadline:
            return Ending::deadline;
        case VerdictKind::killed:
            return Ending::killed;
        case VerdictKind::out_of_memory:
            return Ending::out_of_memory;
        case VerdictKind::fenced:
            return Ending::fenced;
        case VerdictKind::refused:
            return Ending::refused;
        case VerdictKind::leftovers:
            return Ending::leftovers;
    }
    return Ending::lost;
}

Result result_of_build(const drone::Build& build) {
    Result result;
    const bool has_error = !build.error.empty();
    if (build.status == "success") {
        result = {.ending = Ending::passed,
                  .reason = "Drone says so; no record of its run is on this host"};
    } else if (build.status == "killed") {
        result = {.ending = Ending::cancelled, .reason = "Drone has killed the build"};
    } else if (build.status == "failure") {
        result = {.ending = Ending::failed, .reason = has_error ? build.error : "Drone says so"};
    } else if (build.status == "skipped") {
        result = {.ending = Ending::skipped, .reason = "Drone has skipped the build"};
    } else {
        result = {.ending = Ending::error,
                  .reason = has_error ? build.error : "Drone says: " + build.status};
    }
    return result;
}

std::string progress_of_build(const std::string& status) {
    if (status == "running") {
        return "the build runs";
    }
    if (status == "blocked") {
        return "the build waits for an approval in Drone";
    }
    return "the build waits for a runner";
}

std::string progress_of_run(const run::Record& record) {
    switch (record.state) {
        case run::State::waiting:
            return record.phase.empty() ? "waiting" : "waiting " + record.phase;
        case run::State::starting:
            return "starting";
        case run::State::running:
            return record.phase.empty() ? "running" : record.phase;
        case run::State::tearing_down:
            return "teardown";
        case run::State::ended:
            return "ending";
    }
    return "running";
}

std::chrono::seconds span_between(const std::optional<Time>& begin,
                                  const std::optional<Time>& end) {
    const bool known = begin && end && *begin < *end;
    return known ? std::chrono::round<std::chrono::seconds>(*end - *begin)
                 : std::chrono::seconds{0};
}

Result result_of_run(const run::Record& record, const std::optional<drone::Build>& build) {
    Result result{
        .ending = ending_of(record.verdict->kind),
        .reason = record.verdict->kind == VerdictKind::passed ? "" : record.verdict->reason,
        .took = span_between(record.created, record.ended)};
    if (result.ending == Ending::passed && build && build->is_over() &&
        build->status != "success") {
        // Another step of the pipeline, or a kill after the run's end.
        result.ending = build->status == "killed" ? Ending::cancelled : Ending::failed;
        result.reason =
            fmt::format("the run passed, but Drone says of its build: {}", build->status);
    }
    return result;
}

bool is_ended(const run::Record& record) {
    return record.state == run::State::ended && record.verdict.has_value();
}

/// nullopt: the run is not over, and may yet say how it ended.
std::optional<Result> end_of(const Sight& sight, Time now) {
    const bool drone_is_done = !sight.build || sight.build->is_over();
    if (sight.record && is_ended(*sight.record)) {
        const bool waited = sight.record->ended && now - *sight.record->ended > k_drone_is_slow;
        return drone_is_done || waited ? std::optional{result_of_run(*sight.record, sight.build)}
                                       : std::nullopt;
    }
    if (!drone_is_done) {
        return std::nullopt;
    }
    if (sight.record) {
        const Time over = sight.build ? sight.build->finished : Time{};
        const Time latest = std::max(
            over, run::latest_end(*sight.record).value_or(sight.record->created.value_or(over)));
        return latest < now - k_end_is_slow
                   ? std::optional{Result{.ending = Ending::lost,
                                          .reason = "the run never said how it ended"}}
                   : std::nullopt;
    }
    if (!sight.build) {
        return Result{.ending = Ending::lost, .reason = "Drone knows of no such build any more"};
    }
    return result_of_build(*sight.build);
}

}  // namespace

Judgement judge(const Sight& sight, Time now) {
    Judgement judgement{.result = end_of(sight, now), .is_running = false, .progress = {}};
    if (judgement.result) {
        judgement.result->summary = sight.summary;
        return judgement;
    }
    judgement.progress = sight.record
                             ? progress_of_run(*sight.record)
                             : progress_of_build(sight.build ? sight.build->status : "running");
    judgement.is_running = sight.record ? sight.record->state != run::State::waiting
                                        : !sight.build || sight.build->status == "running";
    if (sight.record && sight.build && sight.build->status == "killed") {
        judgement.progress = "cancelled; " + judgement.progress;
    }
    return judgement;
}

}  // namespace ccci::bridge
