#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "naming/stages.hpp"

namespace ccci::bridge {

using Time = std::chrono::system_clock::time_point;

/// 2200: no time that is kept is later, so that spans may be added to it; the clock ends in 2262.
inline constexpr Time k_latest_time{std::chrono::seconds{7'258'118'400}};

/// How far an errand has come; each step is on the disk before the next one is begun.
enum class Step {
    asked,      ///< whether its author may ask for it is not known yet
    allowed,    ///< what is to be tested is not known yet
    ready,      ///< a build is to be started
    starting,   ///< a build may have been started
    following,  ///< a build was started, and its end is not known yet
    over,
};

/// How an errand ended. The names of a run's verdicts, and what can happen without a run.
enum class Ending {
    passed,
    failed,
    cancelled,
    superseded,
    deadline,
    killed,
    out_of_memory,
    fenced,
    refused,
    leftovers,
    error,        ///< Drone's word: the build could not run
    skipped,      ///< Drone did not start a build
    not_started,  ///< no build could be started
    lost,         ///< nobody can say any more
};

struct TierLine {
    std::string tier;
    std::string result;
    std::string message;
    double seconds = 0;

    bool operator==(const TierLine&) const = default;
};

/// What a run says of its recipe, from results.json.
struct Summary {
    std::string lane;
    std::string level;  ///< "level 4 of 5 (lint: failed)"; empty: none
    std::vector<TierLine> tiers;

    bool operator==(const Summary&) const = default;
};

struct Result {
    Ending ending = Ending::lost;
    std::string reason = {};  ///< for people, one line; may be empty
    std::chrono::seconds took{};
    std::optional<Summary> summary = {};

    bool operator==(const Result&) const = default;
};

/// One `!testme`, from the comment to the result.
struct Errand {
    std::int64_t comment = 0;
    std::string repository;  ///< "owner/name", as the configuration writes it
    std::int64_t pull_request = 0;
    std::string author;
    naming::Lane lane = naming::Lane::full;
    Time asked;

    Step step = Step::asked;
    std::string commit;         ///< what is tested
    std::string source;         ///< "owner/name" of where that is
    std::optional<Time> tried;  ///< a build may have been started from then on
    std::int64_t build = 0;     ///< Drone's number for it; 0: none yet
    std::string run;            ///< the id of its run, where that is seen
    bool is_running = false;    ///< it waits for nobody any more
    std::string progress;       ///< what is going on, for people
    std::string trouble;        ///< why it does not go on; empty: it does
    std::optional<Time> troubled_since;
    int tries = 0;  ///< of what it is in trouble with
    Time next;      ///< nothing is to be done before
    std::optional<Result> result;
    std::optional<Time> ended;
    std::string shown_status;  ///< the commit status that was set last

    bool operator==(const Errand&) const = default;
};

/// The one comment on a pull request.
struct Reply {
    std::int64_t comment = 0;    ///< 0: none yet
    std::string marker;          ///< a word in it that nobody else knew before it was there
    std::optional<Time> making;  ///< it may have been made from then on
    std::string text;            ///< as it was written last
    std::string told;            ///< the gist of it
    Time written;
    int tries = 0;
    Time next;

    bool operator==(const Reply&) const = default;
};

/// A comment that was taken as a trigger; it never is again.
struct Seen {
    std::int64_t comment = 0;
    Time created;
    std::string delivery;  ///< the webhook's; empty: it was found by polling

    bool operator==(const Seen&) const = default;
};

struct Repository {
    /// Comments from before are never triggers.
    std::optional<Time> floor;
    /// Everything that was changed before has been looked at.
    Time cursor;
    std::deque<Seen> seen;

    bool operator==(const Repository&) const = default;
};

/// "owner/name" and the number of a pull request.
using PullRequest = std::pair<std::string, std::int64_t>;

/// All that the bridge knows; `bridge.json` in the state directory.
struct State {
    std::map<std::string, Repository> repositories;
    std::vector<Errand> errands;  ///< in the order in which they came
    std::map<PullRequest, Reply> replies;

    bool operator==(const State&) const = default;
};

PullRequest pull_request_of(const Errand& errand);

std::string_view to_string(Step step);
std::string_view to_string(Ending ending);
std::optional<Step> step_from(std::string_view name);
std::optional<Ending> ending_from(std::string_view name);

std::string encode(const State& state);
/// Throws std::invalid_argument for what encode() did not make.
State decode_state(const std::string& text);

/// Forgets errands that ended before then. The comment on their pull request stays known, since
/// there is only one.
void prune(State& state, Time before);

}  // namespace ccci::bridge
