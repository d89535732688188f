#include "bridge/answering.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "base/fail_point.hpp"
#include "base/os_error.hpp"
#include "bridge/backoff.hpp"

namespace ccci::bridge {

namespace {

/// Nobody can put it into a comment before ours is there.
std::string fresh_marker() {
    std::array<std::uint8_t, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        base::throw_errno(errno, "get random bytes");
    }
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += fmt::format("{:02x}", byte);
    }
    return text;
}

}  // namespace

Answering::Answering(Servers& servers, State& state, std::function<void()> save)
    : servers_{servers}, state_{state}, save_{std::move(save)} {}

void Answering::set_status(Errand& errand, Time now) {
    const gitea::CommitStatus status = commit_status(errand, servers_.surroundings().places);
    const auto failure = servers_.ask_forge(
        [&](gitea::Client& forge) { forge.set_status(errand.repository, errand.commit, status); },
        now);
    if (failure && failure->is_passing) {
        return;  // the forge is held
    }
    if (failure) {
        // No right to, or no such commit any more: it is no different the next time.
        servers_.log().warning(failure->reason);
    }
    errand.shown_status = fingerprint(status);
}

std::optional<Failure> Answering::make(const PullRequest& pull_request, Reply& reply,
                                       const std::string& text, Time now) {
    const std::string& repository = pull_request.first;
    const std::int64_t number = pull_request.second;
    if (reply.making) {
        const auto failure = servers_.ask_forge(
            [&](gitea::Client& forge) {
                const Time since = *reply.making - std::chrono::minutes{10};
                reply.comment =
                    forge.find_comment(repository, number, reply.marker, since).value_or(0);
            },
            now);
        if (failure || reply.comment != 0) {
            return failure;
        }
    }
    // Whoever is killed from here on finds the comment by its marker, if there is one.
    reply.making = now;
    save_();
    base::fail_point("bridge.comment.intent.kept");
    const auto failure = servers_.ask_forge(
        [&](gitea::Client& forge) { reply.comment = forge.make_comment(repository, number, text); },
        now);
    base::fail_point("bridge.comment.made");
    if (failure && !failure->is_doubtful) {
        reply.making.reset();
    }
    if (!failure) {
        reply.text = text;
    }
    return failure;
}

void Answering::write_reply(const PullRequest& pull_request, Time now) {
    Reply& reply = state_.replies[pull_request];
    if (reply.marker.empty()) {
        reply.marker = fresh_marker();
    }
    const std::vector<const Errand*> about = errands_about(state_, pull_request);
    if (about.empty()) {
        return;
    }
    const std::string text = comment_text(about, reply, servers_.surroundings().places);
    std::optional<Failure> failure;
    if (reply.comment == 0) {
        failure = make(pull_request, reply, text, now);
    }
    if (!failure && reply.text != text) {
        failure = servers_.ask_forge(
            [&](gitea::Client& forge) {
                forge.edit_comment(pull_request.first, reply.comment, text);
            },
            now);
        if (failure && failure->status == 404) {
            // Somebody has deleted it.
            reply.comment = 0;
            reply.making.reset();
        }
    }
    reply.written = now;
    if (!failure) {
        reply.text = text;
        reply.told = gist(*about.back());
        reply.making.reset();
        reply.tries = 0;
        return;
    }
    ++reply.tries;
    reply.next = now + backoff(reply.tries, chance());
    if (!failure->is_passing) {
        servers_.log().warning(failure->reason);
    }
}

}  // namespace ccci::bridge
