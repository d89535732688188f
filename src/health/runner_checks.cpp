#include "health/runner_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.hpp"

namespace ccci::health {

namespace {

constexpr std::uint64_t k_memory_each = std::uint64_t{1} << 30;
constexpr int k_usual_capacity = 2;

const Subject k_runner{"runner", "it starts the steps that start runs"};
const Subject k_stop{"runner.stop",
                     "a stop of the runner either waits for its builds, or ends them and waits for "
                     "their teardowns; cut short, it leaves builds that the server takes for "
                     "running"};
const Subject k_capacity{"runner.capacity",
                         "so many builds run at a time; too many and each of them is slow, or the "
                         "host is out of memory"};
const Subject k_path{"runner.path", "a step has the PATH of the runner, and must find cc-ci there"};

std::string drop_in(const UnitProperties& unit) {
    return fmt::format("(in [Service] of /etc/systemd/system/{}.d/cc-ci.conf)", unit["Id"]);
}

std::string seconds(std::chrono::microseconds span) {
    return fmt::format("{}s", (span.count() + 999'999) / 1'000'000);
}

/// With control-group a stop ends the steps at once, so it waits for teardowns; with mixed or
/// process the runner drains, so it waits for whole runs.
Check judge_stop(const RunnerFacts& facts) {
    const std::string mode = facts.unit["KillMode"];
    const std::string span = facts.unit["TimeoutStopUSec"];
    const auto timeout = parse_unit_span(span);
    const bool drains = mode == "mixed";
    const auto least = (drains ? facts.deadline : std::chrono::microseconds{0}) +
                       facts.teardown_budget + std::chrono::minutes{1};
    const std::string found = fmt::format("KillMode={}, TimeoutStopSec={}", mode, span);
    if (mode == "none" || mode == "process") {
        return k_stop.warning(found + ": what is left of the steps is never ended",
                              configuration(fmt::format("KillMode=control-group and "
                                                        "TimeoutStopSec={} {}",
                                                        seconds(least), drop_in(facts.unit))));
    }
    if (span != "infinity" && timeout && *timeout < least) {
        return k_stop.warning(
            fmt::format("{}, and {} may take {}", found, drains ? "a run" : "a teardown",
                        base::format_duration(least)),
            configuration(
                fmt::format("TimeoutStopSec={} {}", seconds(least), drop_in(facts.unit))));
    }
    return k_stop.ok(found);
}

Check judge_capacity(const RunnerFacts& facts) {
    if (!facts.environment_known) {
        return k_capacity.skipped("the environment of the runner cannot be seen by this user");
    }
    const int capacity = facts.capacity.empty() ? k_usual_capacity : parse_version(facts.capacity);
    const std::string found = fmt::format("DRONE_RUNNER_CAPACITY={}, {} processors, {}", capacity,
                                          facts.processors, size_text(facts.memory));
    const auto wanted = static_cast<std::uint64_t>(capacity);
    const std::uint64_t fits = std::max<std::uint64_t>(
        1, std::min<std::uint64_t>(2 * facts.processors, facts.memory / k_memory_each));
    if (wanted > fits) {
        return k_capacity.warning(
            found, configuration(fmt::format("Environment=DRONE_RUNNER_CAPACITY={} {}", fits,
                                             drop_in(facts.unit))));
    }
    return k_capacity.ok(found);
}

Check judge_path(const RunnerFacts& facts) {
    if (!facts.environment_known) {
        return k_path.skipped("the environment of the runner cannot be seen by this user");
    }
    if (!facts.finds_cc_ci) {
        const std::string folder = facts.own_program.substr(0, facts.own_program.find_last_of('/'));
        return k_path.failed(
            fmt::format("no cc-ci in {}", facts.path.empty() ? "an empty PATH" : facts.path),
            configuration(fmt::format("Environment=DRONE_RUNNER_PATH={}{}{} {}", facts.path,
                                      facts.path.empty() ? "" : ":", folder, drop_in(facts.unit))));
    }
    return k_path.ok("its steps find cc-ci");
}

}  // namespace

Checks judge_runner(const RunnerFacts& facts) {
    if (!facts.booted || !facts.unit.is_loaded()) {
        const std::string reason = facts.booted ? "no unit drone-runner-exec is on this host"
                                                : "no systemd, so no unit of a runner can be seen";
        return {k_runner.skipped(reason), k_stop.skipped(reason), k_capacity.skipped(reason),
                k_path.skipped(reason)};
    }
    const std::string id = facts.unit["Id"];
    const bool active = facts.unit["ActiveState"] == "active";
    return {active ? k_runner.ok(fmt::format("{} is active", id))
                   : k_runner.warning(fmt::format("{} is {}", id, facts.unit["ActiveState"]),
                                      command(fmt::format("systemctl start {}", shell_word(id)))),
            judge_stop(facts), judge_capacity(facts), judge_path(facts)};
}

}  // namespace ccci::health
