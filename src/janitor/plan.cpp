#include "janitor/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::janitor {

namespace {

/// In the order of Act.
constexpr std::array<std::string_view, 8> k_words{"ignore", "leave",  "warn", "skip",
                                                  "reap",   "unlink", "keep", "probe"};

std::string seen(const Facts& facts) {
    const std::string app = facts.app_exists ? fmt::format("app exists ({})", facts.app_evidence)
                            : facts.platform_known ? std::string{"no app"}
                                                   : std::string{"apps not known"};
    return fmt::format("{}, {}", app, facts.lock_file_exists ? "lock file" : "no lock file");
}

Action held_in_cluster(const Facts& facts, std::chrono::system_clock::time_point now,
                       std::chrono::microseconds twice_deadline) {
    const std::string who = describe(*facts.cluster_holder, now);
    // It may have waited for long before it held it.
    const bool too_long =
        now - facts.cluster_holder->since >
        std::chrono::duration_cast<std::chrono::system_clock::duration>(2 * twice_deadline);
    return {facts.domain, too_long ? Act::warn : Act::leave,
            fmt::format("locked for all hosts: {}{}", who,
                        too_long ? "; it is never stolen, stop that run to free it" : "")};
}

Action held(const Facts& facts, std::chrono::system_clock::time_point now,
            std::chrono::microseconds twice_deadline) {
    const std::string who = describe(facts.holder, now);
    const bool too_long =
        facts.holder &&
        now - facts.holder->since >
            std::chrono::duration_cast<std::chrono::system_clock::duration>(twice_deadline);
    if (!too_long) {
        return {facts.domain, Act::leave, fmt::format("lock held: {}", who)};
    }
    const std::string unit = facts.holder->unit.empty() ? "its process" : facts.holder->unit;
    return {facts.domain, Act::warn,
            fmt::format("lock held for more than twice the deadline ({}): {}; it is never stolen, "
                        "stop {} to free it",
                        base::format_duration(twice_deadline), who, unit)};
}

}  // namespace

bool is_probed(const Facts& facts) {
    return facts.is_run_app && (facts.app_exists || facts.lock_file_exists);
}

Action plan(const Facts& facts, std::chrono::system_clock::time_point now,
            std::chrono::microseconds twice_deadline) {
    if (!is_probed(facts) || (!facts.probe && !facts.cluster_holder)) {
        return {facts.domain, Act::ignore,
                facts.is_run_app ? "neither an app nor a lock file" : "not a run app"};
    }
    if (facts.cluster_holder) {
        return held_in_cluster(facts, now, twice_deadline);
    }
    switch (*facts.probe) {
        case Probe::held:
            return held(facts, now, twice_deadline);
        case Probe::unusable:
            return {facts.domain, Act::skip, facts.probe_problem};
        case Probe::unseen:
            return {facts.domain, Act::probe,
                    fmt::format("{}; whether somebody holds it cannot be seen by this user",
                                seen(facts))};
        case Probe::acquired:
            break;
    }
    if (!facts.cluster_problem.empty()) {
        return {facts.domain, Act::skip,
                fmt::format("{}; whether another host has it is not known: {}", seen(facts),
                            facts.cluster_problem)};
    }
    if (facts.app_exists) {
        return {facts.domain, Act::reap, fmt::format("{}, nobody holds the lock", seen(facts))};
    }
    if (!facts.platform_known) {
        return {facts.domain, Act::keep_file,
                fmt::format("{}, nobody holds the lock; kept, since it marks an unfinished run",
                            seen(facts))};
    }
    if (must_keep_file(facts)) {
        return {facts.domain, Act::keep_file,
                fmt::format("{}, nobody holds the lock; kept for the next run of the domain, since "
                            "run {} had its own teardown and did not finish",
                            seen(facts), base::printable(facts.holder->run))};
    }
    return {facts.domain, Act::unlink_only, fmt::format("{}, nobody holds it", seen(facts))};
}

bool must_keep_file(const Facts& facts) {
    return facts.holder && facts.holder->own_teardown;
}

std::string to_string(Act act) {
    return std::string{k_words.at(static_cast<std::size_t>(act))};
}

Act act_of(std::string_view word) {
    const auto* const found = std::ranges::find(k_words, word);
    if (found == k_words.end()) {
        throw std::invalid_argument{fmt::format("no such action: {}", word)};
    }
    return static_cast<Act>(found - k_words.begin());
}

}  // namespace ccci::janitor
