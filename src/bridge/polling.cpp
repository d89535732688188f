#include "bridge/polling.hpp"

#include <algorithm>

#include "bridge/admission.hpp"

namespace ccci::bridge {

namespace {

/// A comment is in the database a while after the time that it bears.
constexpr std::chrono::minutes k_overlap{1};
constexpr int k_most_pages_at_once = 200;

struct Found {
    std::vector<gitea::Comment> comments;
    std::optional<Time> server_time;
    bool is_whole = false;
};

Found look(gitea::Client& forge, const std::string& name, Time since) {
    Found found;
    std::size_t count = 0;
    for (int page = 1; page <= k_most_pages_at_once && !found.is_whole; ++page) {
        gitea::Client::Listed listed = forge.comments_since(name, since, page);
        // The time of the first page: what is newer may be missing from it.
        if (page == 1 && listed.server_time) {
            found.server_time = std::min(*listed.server_time, k_latest_time);
        }
        count += listed.page.size;
        for (gitea::Comment& comment : listed.page.comments) {
            comment.repository = name;
            found.comments.push_back(std::move(comment));
        }
        found.is_whole = listed.page.size == 0 || (listed.total && count >= *listed.total);
    }
    return found;
}

}  // namespace

void poll(const std::string& name, Repository& repository, Servers& servers,
          const std::function<void(const gitea::Comment&)>& take, Time now) {
    const bool is_first = repository.cursor == Time{};
    Found found;
    const auto failure = servers.ask_forge(
        [&](gitea::Client& forge) {
            found = look(forge, name, is_first ? now : repository.cursor);
        },
        now);
    if (failure) {
        if (!failure->is_passing) {
            servers.log().warning(failure->reason);
        }
        return;
    }
    if (is_first) {
        begin_polling(repository, found.server_time.value_or(now));
        return;
    }
    for (const gitea::Comment& comment : found.comments) {
        take(comment);
    }
    // Without anything new the question stays as cheap as it is.
    if (found.is_whole && !found.comments.empty()) {
        repository.cursor =
            std::max(repository.cursor, found.server_time.value_or(now) - k_overlap);
    }
}

}  // namespace ccci::bridge
