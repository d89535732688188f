#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"
#include "harness/lease_guard.hpp"
#include "harness/output.hpp"
#include "harness/record_keeper.hpp"
#include "harness/task.hpp"
#include "link/channel.hpp"
#include "locks/domain_lock.hpp"
#include "run/record.hpp"
#include "run/request.hpp"
#include "run/run_dir.hpp"
#include "run/verdict.hpp"

namespace ccci::harness {

/// The main process of a run's unit: reads the request from the link, makes a clean slate, runs the
/// job, then the teardown, always; unlinks the lock file while it is held; tells the verdict.
///
/// A stop (SIGTERM, a cancel on the link, the end of the link, the deadline) ends the job; once the
/// job is over, stops are noted and ignored, so that nothing cancels a teardown.
class Harness {
public:
    /// `link` is the unit's end of the link; `lock` the locked descriptor, or nothing.
    Harness(event::Loop& loop, base::UniqueFd link, base::UniqueFd lock);
    Harness(const Harness&) = delete;
    Harness& operator=(const Harness&) = delete;
    ~Harness() = default;

    /// Runs the loop until the run is over. Returns the exit code of the process.
    int run();

private:
    enum class Phase {
        waiting_for_request,
        confirming_lease,
        clean_slate,
        job,
        teardown,
        saying_goodbye
    };

    void on_packet(link::Kind kind, std::string_view payload);
    void on_request_part(link::Kind kind, std::string_view payload);
    void on_link_closed();
    void on_signal(int signal);

    void begin(run::Request request);
    void guard_lease(const run::Lease& lease);
    /// Once the domain is ours for certain.
    void begin_work();
    /// Somebody else may have the domain.
    void touch_nothing(const std::string& reason);
    void begin_clean_slate();
    void begin_job();
    void end_job(const Task::Result& result);
    void begin_teardown();
    void end_teardown(bool clean);
    /// Runs the teardown program; `then` gets whether nothing is left.
    void tear_down(std::function<void(bool)> then);

    void stop(run::Stop stop);
    [[nodiscard]] run::Stop stop_of_signal() const;
    [[nodiscard]] run::Stop stop_of_link(std::string_view reason) const;
    [[nodiscard]] bool is_deadline_over() const;

    void open_output();
    void announce();
    void report_leaks(const Task::Result& result);
    void finish();
    void leave_when_told();

    event::Loop& loop_;
    Output* output_ = nullptr;  ///< points into output_store_
    std::optional<Output> output_store_;
    link::Channel channel_;
    base::UniqueFd lock_fd_;
    std::optional<locks::DomainLock> lock_;
    std::string request_bytes_;
    run::Request request_;
    std::optional<run::RunDir> dir_;
    run::Record record_;
    std::optional<RecordKeeper> keeper_;
    run::Facts facts_;
    Phase phase_ = Phase::waiting_for_request;
    std::optional<Task> task_;
    std::optional<LeaseGuard> guard_;
    std::optional<std::chrono::steady_clock::time_point> stopped_at_;
    bool cancelled_by_link_ = false;
    bool all_gone_ = true;  ///< no process that could not be killed
    int exit_code_ = 0;
    std::size_t goodbye_pending_ = 0;

    event::Source term_;
    event::Source interrupt_;
    event::Source hangup_;
    event::Source deadline_;
    event::Source grace_;
    event::Source budget_;
    event::Source goodbye_;
};

}  // namespace ccci::harness
