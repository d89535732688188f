#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "event/loop.hpp"
#include "launch/cluster_claim.hpp"
#include "launch/order.hpp"
#include "locks/domain_lock.hpp"
#include "locks/waiting.hpp"
#include "run/record.hpp"
#include "run/request.hpp"
#include "run/verdict.hpp"

namespace ccci::launch {

/// A domain that is ours.
struct Acquired {
    locks::DomainLock lock;
    std::optional<run::Lease> lease;  ///< where it is locked for several hosts
    bool had_predecessor = false;     ///< which did not finish
};

/// A run's way to its domain: first the lock of this host, then, where the order says so, the claim
/// that holds for all hosts.
///
/// The claim, once there is one, lives as long as this object, which must not be destroyed by what
/// it calls. `order` and `us` must outlive it.
class DomainQueue {
public:
    struct Calls {
        std::function<void(Acquired domain)> on_acquired;
        /// Nothing more is waited for.
        std::function<void(run::Verdict verdict)> on_refused;
        /// Somebody else has it: "267", "run 267 on ci-2".
        std::function<void(const std::string& whom)> on_waiting;
        std::function<void(const std::string& line)> tell;
    };

    DomainQueue(event::Loop& loop, const Order& order, const run::Record& us, Calls calls);
    DomainQueue(const DomainQueue&) = delete;
    DomainQueue& operator=(const DomainQueue&) = delete;
    ~DomainQueue() = default;

    /// Goes there; calls back at once when the answer is. Throws locks::LockError, and
    /// std::runtime_error when there is no keeper.
    void enter();

    /// We are not the next one who works on the domain: leaves both queues, and calls nobody any
    /// more.
    void give_up();

    /// Who has it, for a log.
    [[nodiscard]] std::string describe_holder() const;

    /// nullptr: there is none, or not yet.
    [[nodiscard]] ClusterClaim* claim() { return claim_ ? &*claim_ : nullptr; }

private:
    void wait(locks::Busy busy);
    void on_moved();
    void say_who_holds(const locks::Busy& busy);
    void supersede(const std::optional<locks::Holder>& holder);
    void limit_the_wait();
    /// The lock of this host is ours.
    void go_on(locks::DomainLock lock);
    void make_claim();
    void on_place(const lease::Queued& place);
    void acquired(std::optional<run::Lease> lease, bool had_predecessor);
    void refuse(run::Verdict verdict);

    event::Loop& loop_;
    const Order& order_;
    const run::Record& us_;
    Calls calls_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::optional<locks::Waiting> waiting_;
    std::optional<locks::DomainLock> lock_;  ///< while the claim is made
    std::optional<ClusterClaim> claim_;
    bool over_ = false;  ///< it is ours, or given up
    event::Source moved_;
    event::Source limit_;
};

/// What the lock file is to say of a run from now on.
locks::Holder holder_of(const Order& order, const run::Record& us);

}  // namespace ccci::launch
