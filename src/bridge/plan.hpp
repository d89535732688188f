#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bridge/state.hpp"
#include "bridge/wording.hpp"

namespace ccci::bridge {

// What can be done next. An errand is named by its comment's id.

/// Ask Gitea whether the author may have a test run.
struct CheckAuthor {
    std::int64_t comment = 0;
    bool operator==(const CheckAuthor&) const = default;
};
/// Ask Gitea what the pull request's head is.
struct LookUp {
    std::int64_t comment = 0;
    bool operator==(const LookUp&) const = default;
};
/// Start the build.
struct Start {
    std::int64_t comment = 0;
    bool operator==(const Start&) const = default;
};
/// Look whether Drone has started a build when nobody heard its answer.
struct FindBuild {
    std::int64_t comment = 0;
    bool operator==(const FindBuild&) const = default;
};
/// See how the build and its run are getting on.
struct Follow {
    std::int64_t comment = 0;
    bool may_ask = true;  ///< false: Drone is not to be asked now
    bool operator==(const Follow&) const = default;
};
/// It was tried for long enough.
struct GiveUp {
    std::int64_t comment = 0;
    bool operator==(const GiveUp&) const = default;
};
struct SetStatus {
    std::int64_t comment = 0;
    bool operator==(const SetStatus&) const = default;
};
/// Make or edit the comment on a pull request.
struct WriteReply {
    PullRequest pull_request;
    bool operator==(const WriteReply&) const = default;
};
struct Poll {
    std::string repository;
    bool operator==(const Poll&) const = default;
};

using Action = std::variant<CheckAuthor, LookUp, Start, FindBuild, Follow, GiveUp, SetStatus,
                            WriteReply, Poll>;

/// A server that is left alone for a while, because it was in trouble or said that it was asked too
/// often.
struct Hold {
    int failures = 0;
    Time until;
    std::string reason;
};

struct Timing {
    /// Of an errand that comes to nothing.
    std::chrono::seconds give_up = std::chrono::hours{1};
    /// After a request of which there is no answer: the server may still work on it for as long.
    std::chrono::seconds settle{30};
    /// Between two edits of a comment that only tell of progress.
    std::chrono::milliseconds edit_gap = std::chrono::seconds{10};
};

/// What is not kept: how the servers are, and when which repository is looked at next.
struct Surroundings {
    Hold forge;
    Hold drone;
    std::map<std::string, Time> next_poll;  ///< empty: nothing is polled
    Places places;
    Timing timing;
};

struct Plan {
    std::vector<Action> actions;  ///< what can be done now, the most urgent first
    std::optional<Time> next;     ///< when there will be something to do, if nothing else happens
};

Plan make_plan(const State& state, const Surroundings& surroundings, Time now);

/// Those that people are to hear of, the oldest first.
std::vector<const Errand*> errands_about(const State& state, const PullRequest& pull_request);

}  // namespace ccci::bridge
