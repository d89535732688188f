#include "bridge/admission.hpp"

#include <algorithm>

#include "bridge/trigger.hpp"

namespace ccci::bridge {

namespace {

/// Enough for what a webhook may bring again, or polling find again, and little on the disk.
constexpr std::size_t k_most_seen = 2000;
constexpr std::size_t k_longest_name = 100;

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Gitea does not tell upper from lower case in names.
bool is_same_name(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, {}, to_lower, to_lower);
}

void remember(Repository& repository, const Seen& seen) {
    repository.seen.push_back(seen);
    if (repository.seen.size() > k_most_seen) {
        const Time forgotten = repository.seen.front().created;
        repository.seen.pop_front();
        // Nothing as old as what is forgotten can be told from it any more.
        const Time floor = forgotten + std::chrono::seconds{1};
        repository.floor = std::max(repository.floor.value_or(floor), floor);
    }
}

}  // namespace

std::string_view describe(Admission admission) {
    switch (admission) {
        case Admission::admitted:
            return "a trigger";
        case Admission::no_trigger:
            return "a comment like any other";
        case Admission::unknown_repository:
            return "not of a configured repository";
        case Admission::known:
            return "known already";
        case Admission::too_old:
            return "too old";
        case Admission::edited:
            return "edited since it was made";
        case Admission::strange:
            return "not what Gitea says of a comment";
    }
    return "unknown";
}

Admission admit(State& state, const gitea::Comment& comment, const std::string& delivery,
                const std::vector<std::string>& repositories) {
    const auto lane = parse_trigger(comment.body);
    if (!lane) {
        return Admission::no_trigger;
    }
    const auto name = std::ranges::find_if(repositories, [&](const std::string& each) {
        return is_same_name(each, comment.repository);
    });
    if (name == repositories.end()) {
        return Admission::unknown_repository;
    }
    if (comment.id <= 0 || comment.pull_request <= 0 || comment.author.empty() ||
        comment.author.size() > k_longest_name || comment.created > k_latest_time) {
        return Admission::strange;
    }
    Repository& repository = state.repositories[*name];
    if (std::ranges::any_of(repository.seen, [&](const Seen& seen) {
            return seen.comment == comment.id || (!delivery.empty() && seen.delivery == delivery);
        })) {
        return Admission::known;
    }
    if (repository.floor && comment.created < *repository.floor) {
        return Admission::too_old;
    }
    if (comment.updated != comment.created) {
        return Admission::edited;
    }
    remember(repository, {.comment = comment.id, .created = comment.created, .delivery = delivery});
    Errand errand;
    errand.comment = comment.id;
    errand.repository = *name;
    errand.pull_request = comment.pull_request;
    errand.author = comment.author;
    errand.lane = *lane;
    errand.asked = comment.created;
    state.errands.push_back(std::move(errand));
    return Admission::admitted;
}

void begin_polling(Repository& repository, Time now) {
    repository.floor = std::max(repository.floor.value_or(now), now);
    repository.cursor = now;
}

}  // namespace ccci::bridge
