#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "run/resources.hpp"
#include "run/verdict.hpp"

namespace ccci::run {

/// Where a run is in its life. The record keeps the last state that was reached.
enum class State { waiting, starting, running, tearing_down, ended };

std::string to_string(State state);
/// nullopt for a name that is none.
std::optional<State> state_from(const std::string& name);

/// A process for good: a pid alone may be somebody else's by now, and after a reboot so may a pid
/// with its start time.
struct ProcessId {
    pid_t pid = 0;
    std::uint64_t start_ticks = 0;
    std::string boot = {};  ///< empty: unknown

    /// False also if the boot is unknown. Whoever is taken for alive may be sent a SIGTERM, so to
    /// overlook a process is the lesser harm; a run's unit is found without it.
    [[nodiscard]] bool is_alive() const;
    static ProcessId own();
    bool operator==(const ProcessId&) const = default;
};

using Time = std::chrono::system_clock::time_point;

/// A part of a run's life, one after the other: "clean slate", what the job said of itself
/// ("install", or just "job"), "teardown". Without an end it is going on, or nobody was left to see
/// its end.
struct PhaseTime {
    std::string name;
    Time began;
    std::optional<Time> ended = {};

    bool operator==(const PhaseTime&) const = default;
};

/// What is known of a run: `run.json` in its run directory, rewritten as a whole at each change of
/// state or phase. Readable for everybody, so it holds neither arguments nor environment.
/// docs/schemas/run.schema.json describes its JSON.
struct Record {
    std::string run;
    std::string domain;      ///< empty: no lock
    std::string unit;        ///< empty with `none`
    std::string manager;     ///< system, user, none
    std::string invocation;  ///< systemd's id of this unit's life
    std::string user;
    std::string job;  ///< a short label
    State state = State::waiting;
    std::optional<ProcessId> step;
    std::optional<ProcessId> harness;
    std::optional<Time> created;
    std::optional<Time> started;  ///< the unit; the deadline counts from here
    std::optional<Time> job_started;
    std::optional<Time> job_ended;
    std::optional<Time> ended;
    std::chrono::microseconds deadline{};
    std::chrono::microseconds teardown_budget{};
    std::string phase;  ///< what is going on now: "for 290" (waiting), "install", "teardown"
    std::vector<PhaseTime> phases;
    std::optional<Resources> resources;
    std::optional<bool> clean;  ///< the last teardown, done or due; nullopt: there was none to do
    std::vector<std::string> leaked;  ///< processes that were alive when the job ended
    std::uint64_t leaked_more = 0;    ///< and so many that are not named
    std::string note;                 ///< the job's own word about itself, for the last line
    std::string teardown_note;        ///< and the teardown's: what it removed
    std::optional<std::uint64_t> journal_lines;  ///< what the harness has handed to the journal
    std::optional<Verdict> verdict;

    bool operator==(const Record&) const = default;
};

void to_json(nlohmann::json& out, const PhaseTime& phase);
void from_json(const nlohmann::json& in, PhaseTime& phase);

void to_json(nlohmann::json& out, const Record& record);
/// Throws nlohmann::json::exception or std::invalid_argument.
void from_json(const nlohmann::json& in, Record& record);

/// As many processes are named as a person would read, and a record stays small by it.
constexpr std::size_t k_most_leaked_named = 20;

/// Adds these, named as far as there is room, and so many that are not named.
void note_leaks(Record& record, const std::vector<std::string>& leaked, std::uint64_t more);

/// The order in which runs came: by time as precisely as a record keeps it, then by id. Total, so
/// that of two runs that supersede whoever came before, one does.
bool came_before(const Record& one, const Record& other);

/// The last moment at which systemd lets this run be alive.
std::optional<Time> latest_end(const Record& record);

}  // namespace ccci::run
