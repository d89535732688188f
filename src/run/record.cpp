#include "run/record.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/descendants.hpp"
#include "base/duration.hpp"

namespace ccci::run {

namespace {

constexpr std::array<std::pair<State, const char*>, 5> k_states{{
    {State::waiting, "waiting"},
    {State::starting, "starting"},
    {State::running, "running"},
    {State::tearing_down, "tearing-down"},
    {State::ended, "ended"},
}};

}  // namespace

std::string to_string(State state) {
    for (const auto& [known, name] : k_states) {
        if (known == state) {
            return name;
        }
    }
    return "unknown";
}

std::optional<State> state_from(const std::string& name) {
    for (const auto& [state, known] : k_states) {
        if (known == name) {
            return state;
        }
    }
    return std::nullopt;
}

bool ProcessId::is_alive() const {
    return boot == base::boot_id() && base::is_alive(pid, start_ticks);
}

ProcessId ProcessId::own() {
    const pid_t pid = ::getpid();
    const auto facts = base::process_facts(pid);
    return {pid, facts ? facts->start_ticks : 0, base::boot_id()};
}

void note_leaks(Record& record, const std::vector<std::string>& leaked, std::uint64_t more) {
    const std::size_t room =
        k_most_leaked_named - std::min(k_most_leaked_named, record.leaked.size());
    const std::size_t named = std::min(room, leaked.size());
    record.leaked.insert(record.leaked.end(), leaked.begin(),
                         leaked.begin() + static_cast<std::ptrdiff_t>(named));
    record.leaked_more += leaked.size() - named + more;
}

bool came_before(const Record& one, const Record& other) {
    const auto key = [](const Record& record) {
        const Time created = record.created.value_or(Time{});
        return std::pair{std::chrono::floor<std::chrono::milliseconds>(created), record.run};
    };
    return key(one) < key(other);
}

std::optional<Time> latest_end(const Record& record) {
    if (!record.started) {
        return std::nullopt;
    }
    // After the deadline comes the stop, then ExecStopPost, each within the budget.
    // The clock ends in 2262: three of the longest spans would be too much for it, and one of them
    // for a start that a damaged record puts in the next century.
    const auto most = std::chrono::duration_cast<Time::duration>(
        std::min(record.deadline + 2 * record.teardown_budget, base::k_longest_span));
    return *record.started > Time::max() - most ? Time::max() : *record.started + most;
}

}  // namespace ccci::run
