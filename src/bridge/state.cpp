#include "bridge/state.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace ccci::bridge {

namespace {

constexpr std::array<std::pair<Step, std::string_view>, 6> k_steps{{
    {Step::asked, "asked"},
    {Step::allowed, "allowed"},
    {Step::ready, "ready"},
    {Step::starting, "starting"},
    {Step::following, "following"},
    {Step::over, "over"},
}};

constexpr std::array<std::pair<Ending, std::string_view>, 14> k_endings{{
    {Ending::passed, "passed"},
    {Ending::failed, "failed"},
    {Ending::cancelled, "cancelled"},
    {Ending::superseded, "superseded"},
    {Ending::deadline, "deadline"},
    {Ending::killed, "killed"},
    {Ending::out_of_memory, "out-of-memory"},
    {Ending::fenced, "fenced"},
    {Ending::refused, "refused"},
    {Ending::leftovers, "leftovers"},
    {Ending::error, "error"},
    {Ending::skipped, "skipped"},
    {Ending::not_started, "not-started"},
    {Ending::lost, "lost"},
}};

template <typename Table, typename Enum>
std::string_view name_in(const Table& table, Enum value) {
    return std::ranges::find(table, value, &Table::value_type::first)->second;
}

template <typename Table>
auto value_in(const Table& table, std::string_view name)
    -> std::optional<typename Table::value_type::first_type> {
    const auto found = std::ranges::find(table, name, &Table::value_type::second);
    return found == table.end() ? std::nullopt : std::optional{found->first};
}

}  // namespace

PullRequest pull_request_of(const Errand& errand) {
    return {errand.repository, errand.pull_request};
}

std::string_view to_string(Step step) {
    return name_in(k_steps, step);
}

std::string_view to_string(Ending ending) {
    return name_in(k_endings, ending);
}

std::optional<Step> step_from(std::string_view name) {
    return value_in(k_steps, name);
}

std::optional<Ending> ending_from(std::string_view name) {
    return value_in(k_endings, name);
}

void prune(State& state, Time before) {
    std::erase_if(state.errands,
                  [&](const Errand& errand) { return errand.ended && *errand.ended < before; });
    std::set<PullRequest> spoken_of;
    for (const Errand& errand : state.errands) {
        spoken_of.insert(pull_request_of(errand));
    }
    for (auto& [pull_request, reply] : state.replies) {
        if (!spoken_of.contains(pull_request)) {
            reply.text.clear();
        }
    }
}

}  // namespace ccci::bridge
