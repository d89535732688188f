#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "event/loop.hpp"
#include "launch/build_watch.hpp"
#include "launch/carrier.hpp"
#include "launch/domain_queue.hpp"
#include "launch/guards.hpp"
#include "launch/heartbeat.hpp"
#include "launch/order.hpp"
#include "launch/step_log.hpp"
#include "run/record.hpp"
#include "run/run_dir.hpp"
#include "run/verdict.hpp"

namespace ccci::launch {

/// The step: asks for the domain, has the run carried, shows its output, passes on every cancel,
/// and follows it to its very end.
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
    /// Asks for the domain, if there is one.
    void acquire();
    void refuse(run::Verdict verdict);
    /// For a run that no unit has carried.
    void log_end() const;
    void start(std::optional<Acquired> domain);
    /// nullptr: the domain is of this host only.
    [[nodiscard]] ClusterClaim* cluster_claim() { return queue_ ? queue_->claim() : nullptr; }
    void complete_request(const std::optional<Acquired>& domain);

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
    std::optional<DomainQueue> queue_;
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
    event::Source goodbye_;
};

}  // namespace ccci::launch
