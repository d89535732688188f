#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event/loop.hpp"
#include "launch/build_watch.hpp"
#include "launch/carrier.hpp"
#include "launch/cluster_claim.hpp"
#include "launch/guards.hpp"
#include "launch/heartbeat.hpp"
#include "launch/step_log.hpp"
#include "locks/domain_lock.hpp"
#include "locks/waiting.hpp"
#include "run/config.hpp"
#include "run/record.hpp"
#include "run/request.hpp"
#include "run/run_dir.hpp"
#include "run/verdict.hpp"

namespace ccci::launch {

/// What a step is to do; all of it checked by the caller.
struct Order {
    std::filesystem::path lock_dir;
    std::filesystem::path runs_dir;
    std::string wanted_id;
    std::string domain;  ///< empty: guarded, but without a lock
    std::string label;   ///< what `ps` calls the job
    std::string user;
    /// Without run, run_dir, lock_file and clean_slate, which the step finds out. Programs get the
    /// CCCI_RUN, CCCI_RUN_DIR, CCCI_NOTE_FILE and CCCI_DOMAIN variables added, the job also
    /// CCCI_PHASE_FILE.
    run::Request request;
    /// The teardown is the platform's, so it can be asked before the job whether anything is there;
    /// else a clean slate is made only after a predecessor that did not finish.
    bool always_clean_slate = false;
    systemd::Limits limits;
    std::optional<std::chrono::microseconds> wait_timeout;  ///< nullopt: for ever; zero: not at all
    bool supersede = false;
    std::optional<ClusterLock> cluster_lock;  ///< nullopt: the lock file is all there is
    bool detach = false;
    /// After so long without a line the log says what is going on; zero: never.
    std::chrono::microseconds heartbeat{};
    /// Follows the build that the step belongs to: see BuildWatch.
    std::optional<run::Program> build_watch;
    /// Said once: why nothing follows it. Empty: there is no build.
    std::string no_build_watch;
    /// Called once the run is on its way: asks for a janitor pass. May be empty.
    std::function<void()> on_started;
};

/// The step: takes the lock, has the run carried, shows its output, passes on every cancel, and
/// follows it to its very end.
class Step {
public:
    Step(event::Loop& loop, Parent parent, Order order, std::unique_ptr<Carrier> carrier);
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() = default;

    /// Runs the loop until the run is over, or let go. Returns the record as it is then; its
    /// verdict is set unless the run was detached or let go. Throws what prevented the start.
    run::Record run();

    [[nodiscard]] bool was_let_go() const { return let_go_; }
    /// The job's output has no line end, so what follows it must bring one.
    [[nodiscard]] bool ends_mid_line() const { return log_.is_mid_line(); }

private:
    enum class Phase { queueing, carried, over };

    /// What is going on, when nothing was said for a while.
    [[nodiscard]] std::string describe_silence() const;
    void create_record();
    void acquire();
    void wait_in_queue(locks::Busy busy);
    void on_queue_moved();
    void say_who_holds(const locks::Busy& busy);
    void supersede(const locks::Busy& busy);
    /// The lock file is ours; now the domain, for all hosts.
    void claim(locks::DomainLock lock);
    void on_cluster_queue(const lease::Queued& place);
    /// We are not the next one who works on the domain.
    void give_lock_back();
    [[nodiscard]] std::string describe_holder() const;
    void limit_the_wait();
    void refuse(run::Verdict verdict);
    /// For a run that no unit has carried.
    void log_end() const;
    void start(std::optional<locks::DomainLock> lock);
    void complete_request(const std::optional<locks::DomainLock>& lock);
    void write_holder(const locks::DomainLock& lock) const;
    [[nodiscard]] bool has_own_teardown() const;

    void on_signal(int signal);
    void watch_build();
    /// Before there is a unit, the run ends here; else it is told to stop, once.
    void cancel_once(const std::string& reason);
    void cancel(const std::string& reason);
    void on_packet(link::Kind kind, std::string_view payload);
    /// The harness has nothing left to do, and nor has anybody after it.
    void on_finished();
    void on_link_closed();
    void leave_when_shown();

    event::Loop& loop_;
    Parent parent_;
    Order order_;
    std::unique_ptr<Carrier> carrier_;

    Phase phase_ = Phase::queueing;
    std::optional<run::RunDir> dir_;
    run::Record record_;
    std::chrono::steady_clock::time_point began_;
    std::optional<locks::Waiting> waiting_;
    std::optional<locks::DomainLock> lock_;  ///< while the domain is asked for
    std::optional<ClusterClaim> claim_;
    bool heard_hello_ = false;
    std::optional<link::Channel> channel_;
    StepLog log_;
    std::optional<Heartbeat> heartbeat_;
    std::optional<BuildWatch> build_watch_;
    bool told_ = false;
    bool finished_ = false;
    std::optional<std::chrono::steady_clock::time_point> cancelled_at_;
    bool let_go_ = false;

    event::Source term_;
    event::Source interrupt_;
    event::Source hangup_;
    event::Source queue_;
    event::Source wait_limit_;
    event::Source goodbye_;
};

}  // namespace ccci::launch
