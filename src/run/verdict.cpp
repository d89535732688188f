#include "run/verdict.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace ccci::run {

namespace {

constexpr std::array<std::pair<VerdictKind, const char*>, 10> k_names{{
    {VerdictKind::passed, "passed"},
    {VerdictKind::failed, "failed"},
    {VerdictKind::cancelled, "cancelled"},
    {VerdictKind::superseded, "superseded"},
    {VerdictKind::deadline, "deadline"},
    {VerdictKind::killed, "killed"},
    {VerdictKind::out_of_memory, "out-of-memory"},
    {VerdictKind::fenced, "fenced"},
    {VerdictKind::refused, "refused"},
    {VerdictKind::leftovers, "leftovers"},
}};

/// Drone reads this code of a step as "success, skip the rest" (runner-go, pipeline/state.go).
constexpr int k_drone_skip = 78;

Verdict of_stop(const Stop& stop) {
    switch (stop.cause) {
        case StopCause::cancelled:
            return {VerdictKind::cancelled, exit_code::cancelled, stop.reason};
        case StopCause::superseded:
            return {VerdictKind::superseded, exit_code::cancelled, stop.reason};
        case StopCause::deadline:
            return {VerdictKind::deadline, exit_code::deadline, stop.reason};
        case StopCause::out_of_memory:
            return {VerdictKind::out_of_memory, exit_code::killed, stop.reason};
        case StopCause::fenced:
            return {VerdictKind::fenced, exit_code::internal, stop.reason};
    }
    return {VerdictKind::failed, exit_code::internal, "unknown cause of a stop"};
}

Verdict of_job(const base::ExitStatus& job) {
    if (job.signal == SIGKILL) {
        return {VerdictKind::killed, exit_code::killed, "the job was killed"};
    }
    if (job.signal != 0) {
        return {VerdictKind::failed, job.shell_code(),
                fmt::format("the job died of {}", base::describe(job))};
    }
    if (job.code == k_drone_skip) {
        return {VerdictKind::failed, 1,
                "the job exited with 78, which Drone would take for success; reported as 1"};
    }
    if (job.code != 0) {
        return {VerdictKind::failed, job.code, fmt::format("the job exited with {}", job.code)};
    }
    return {VerdictKind::passed, 0, ""};
}

}  // namespace

std::string to_string(VerdictKind kind) {
    for (const auto& [value, name] : k_names) {
        if (value == kind) {
            return name;
        }
    }
    return "unknown";
}

std::optional<VerdictKind> verdict_kind_from(const std::string& name) {
    for (const auto& [value, known] : k_names) {
        if (known == name) {
            return value;
        }
    }
    return std::nullopt;
}

void to_json(nlohmann::json& out, const Verdict& verdict) {
    out = {{"verdict", to_string(verdict.kind)},
           {"exit_code", verdict.exit_code},
           {"reason", verdict.reason}};
}

void from_json(const nlohmann::json& in, Verdict& verdict) {
    const auto kind = verdict_kind_from(in.at("verdict").get<std::string>());
    if (!kind) {
        throw std::invalid_argument{"unknown verdict"};
    }
    // Whoever reads it exits with it: nothing that is no exit code, and no failure with a 0.
    const auto code = in.at("exit_code").get_ref<const nlohmann::json::number_integer_t&>();
    if (code < 0 || code > 255 || (code == 0) != (*kind == VerdictKind::passed)) {
        throw std::invalid_argument{"no exit code of this verdict"};
    }
    verdict.kind = *kind;
    verdict.exit_code = static_cast<int>(code);
    verdict.reason = in.at("reason").get<std::string>();
}

Verdict decide(const Facts& facts) {
    if (facts.stop) {
        return of_stop(*facts.stop);
    }
    if (facts.not_executed) {
        return {VerdictKind::failed, facts.not_executed->shell_code(), facts.not_executed->reason};
    }
    if (!facts.job) {
        return {VerdictKind::refused, exit_code::leftovers,
                facts.slate_clean ? "the job never started"
                                  : "what an earlier run left could not be removed"};
    }
    // Whatever the job made of it: the kill makes systemd stop the unit, and whether that or the
    // end of the job comes first is chance, which must not tell a success from a failure.
    if (facts.out_of_memory) {
        return {VerdictKind::out_of_memory, exit_code::killed, "the run was out of memory"};
    }
    const Verdict job = of_job(*facts.job);
    if (job.kind == VerdictKind::passed && !facts.teardown_clean) {
        return {VerdictKind::leftovers, exit_code::leftovers,
                "the job passed but the teardown left something behind"};
    }
    return job;
}

Verdict decide_without_a_word(bool harness_lived, bool cancelled, const std::string& journal) {
    if (harness_lived) {
        return {VerdictKind::killed, exit_code::killed,
                fmt::format("the harness and its ExecStopPost were killed: {}", journal)};
    }
    if (cancelled) {
        return {VerdictKind::cancelled, exit_code::cancelled, "cancelled before it began"};
    }
    return {VerdictKind::refused, exit_code::internal,
            fmt::format("the unit never ran: {}", journal)};
}

Verdict decide_without_harness(const UnitEnd& end) {
    if (end.result == "timeout") {
        return {VerdictKind::deadline, exit_code::deadline, "the deadline passed"};
    }
    if (end.result == "oom-kill") {
        return {VerdictKind::out_of_memory, exit_code::killed, "the run was out of memory"};
    }
    const bool died_of_term =
        end.exit_code == "killed" && (end.exit_status == "TERM" || end.exit_status == "signal 15");
    const bool gave_up = end.exit_code == "exited" && end.exit_status == "143";
    if (died_of_term || gave_up) {
        // A harness that is up takes TERM for an event: this one was stopped before that.
        return {VerdictKind::cancelled, exit_code::cancelled, "cancelled: the unit was stopped"};
    }
    if (end.exit_code == "killed" || end.exit_code == "dumped") {
        return {VerdictKind::killed, exit_code::killed,
                fmt::format("the harness was killed by {}", end.exit_status)};
    }
    return {VerdictKind::refused, exit_code::internal,
            fmt::format("the unit ended without a verdict (result {}, {} {})", end.result,
                        end.exit_code, end.exit_status)};
}

}  // namespace ccci::run
