#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace ccci::platform {

/// One service of an app, as far as it matters here.
struct ServiceFacts {
    std::string id;
    std::string name;   ///< without the stack: "app"
    std::string image;  ///< as deployed; ends with "@sha256:..." when the digest was resolved
    std::map<std::string, std::string> labels;            ///< deploy.labels of the compose file
    std::map<std::string, std::string> container_labels;  ///< labels of the compose file
    std::vector<std::string> volumes;  ///< those of the stack that it mounts, without the stack

    bool job = false;           ///< runs to completion
    bool health_check = false;  ///< its tasks are "running" only once that has succeeded
    std::uint64_t desired = 0;  ///< tasks; for a job: completions
    std::uint64_t running = 0;
    std::uint64_t completed = 0;
    std::string update_state;  ///< empty: not updated since its spec was last written
    std::string update_started;
    std::string update_message;
    /// What makes the Swarm replace the tasks when it changes; compared, never read.
    std::string replaces_tasks;
};

/// One task: an attempt to run a container.
struct TaskFacts {
    std::string id;
    std::string service;        ///< id
    std::string state;          ///< "running", "failed", ...
    std::string desired_state;  ///< "running", "ready" (a restart is due), "shutdown", ...
    std::string error;          ///< "task: non-zero exit (1)"
    std::string updated;        ///< RFC 3339 in UTC: sorts as text
};

/// What there is of an app at one moment.
struct Snapshot {
    std::vector<ServiceFacts> services;
    std::vector<TaskFacts> tasks;
};

/// How a wait for an app ended. The sentences are for a maintainer of the recipe.
struct Convergence {
    enum class State {
        converged,      ///< the sentences, if any, are remarks: "app: update paused: ..."
        timed_out,      ///< not yet, and nothing says why
        crash_looping,  ///< tasks fail again and again, or are not tried again
    };
    State state = State::timed_out;
    std::vector<std::string> sentences;

    [[nodiscard]] bool ok() const { return state == State::converged; }
};

/// Reads answers of GET /services?status=true and GET /tasks. Unknown and missing fields are
/// tolerated, wrong types are not: nlohmann::json::exception.
ServiceFacts parse_service(const nlohmann::json& service, const std::string& stack);
TaskFacts parse_task(const nlohmann::json& task);

/// How long what runs must have been running before the app counts as converged, since a task that
/// crashes at once is running for a moment: none when each service has a health check of its own,
/// longer when a task has failed since `before`.
std::chrono::milliseconds settle_time(const Snapshot& before, const Snapshot& now);

/// Since when all that runs has been running. A task runs once, so one that is seen running twice
/// ran all the time in between: also while something else was not there yet, and while nobody
/// looked.
class Steadiness {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Takes in what runs at `when`, the time at which `now` was complete.
    Time look(const Snapshot& now, Time when);

    /// What runs has to show anew that it stays.
    void forget() { since_.reset(); }

private:
    std::set<std::string> tasks_;
    std::optional<Time> since_;
};

/// Converged: each service runs as many tasks as desired (a job: has completed them) and is in no
/// update; one that is paused is settled, since the Swarm pauses on one task's flicker and never
/// clears the flag. An update that is due but has not begun yet counts as running, which is what
/// `before` (the app before the deploy; empty when there was none) is for.
/// Returns what is missing, a sentence a service; empty: converged.
std::vector<std::string> missing_services(const Snapshot& before, const Snapshot& now);

/// True when a service has too few tasks and the Swarm will not start another one.
bool is_hopeless(const Snapshot& now);

/// The end of a wait, in words. `steady`: for how long all that runs has been running. What has not
/// run for settle_time() is not converged, even if nothing is missing at the moment.
Convergence judge(const Snapshot& before, const Snapshot& now, std::chrono::milliseconds steady);

}  // namespace ccci::platform
