#include "janitor/reapers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "base/fail_point.hpp"
#include "janitor/pass_json.hpp"
#include "platform/bounded_command.hpp"

namespace ccci::janitor {

namespace {

Outcome failure(const std::string& domain, std::string report) {
    return {.action = {domain, Act::reap, "nobody held the lock"},
            .done = false,
            .report = std::move(report)};
}

/// What the reaper of `domain` said.
Pass heard(const std::string& domain, const std::string& text) {
    try {
        return parse_pass(text);
    } catch (const std::exception&) {
        return {.outcomes = {failure(domain, "its reaper died")}, .problems = {}};
    }
}

}  // namespace

void reap_apart(std::vector<std::string> domains,
                const std::function<base::Command(const std::string& domain)>& reaper,
                std::chrono::microseconds limit, Pass& pass,
                const std::function<void(const Outcome&)>& tell) {
    std::shuffle(domains.begin(), domains.end(), std::mt19937{std::random_device{}()});
    std::vector<base::Command> commands;
    for (const std::string& domain : domains) {
        commands.push_back(reaper(domain));
        commands.back().err = STDERR_FILENO;
    }
    const auto add = [&](Outcome outcome) {
        tell(outcome);
        pass.outcomes.push_back(std::move(outcome));
    };
    base::fail_point("janitor.deferred");
    std::vector<std::string> texts(domains.size());
    const auto rounds = (domains.size() + k_reapers - 1) / k_reapers;
    const auto until = std::chrono::steady_clock::now() + static_cast<int>(rounds) * limit;
    const auto ends = platform::run_all_bounded(
        commands, until,
        {.on_output = [&](std::size_t at, std::string_view output) { texts[at].append(output); },
         .on_end =
             [&](std::size_t at) {
                 base::fail_point("janitor.heard");
                 Pass part = heard(domains[at], texts[at]);
                 std::ranges::for_each(part.outcomes, add);
                 std::ranges::move(part.problems, std::back_inserter(pass.problems));
             }},
        k_reapers);
    for (std::size_t at = 0; at < ends.size(); ++at) {
        if (!ends[at]) {
            add(failure(domains[at], "its reaper hung"));
        }
    }
}

}  // namespace ccci::janitor
