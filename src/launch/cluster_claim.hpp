#pragma once

#include <functional>
#include <optional>
#include <string>

#include "event/loop.hpp"
#include "lease/keeper.hpp"
#include "run/request.hpp"

namespace ccci::launch {

/// How a domain is asked for that is locked for several hosts.
struct ClusterLock {
    run::Program ask;   ///< the keeper that asks; what is asked for is added
    run::Program keep;  ///< the one that keeps what is had; for the harness
    std::chrono::microseconds margin{};
};

/// The step's part in a lock that holds for several hosts: it asks for the domain, waits in the
/// queue of all hosts, and keeps the lease until the harness does. Destroying it before that gives
/// the domain up. What it calls must not destroy it.
class ClusterClaim {
public:
    struct Calls {
        std::function<void(const lease::Queued& place)> on_queued;
        std::function<void(run::Lease lease, bool had_predecessor)> on_held;
        std::function<void(const lease::Refused& refusal)> on_refused;
        std::function<void(const lease::Claimant& by)> on_superseded;
        std::function<void(const std::string& line)> tell;
    };

    /// `arguments` say who asks for what. Throws std::runtime_error when there is no keeper.
    ClusterClaim(event::Loop& loop, ClusterLock lock, const std::vector<std::string>& arguments,
                 std::string domain, Calls calls);
    ClusterClaim(const ClusterClaim&) = delete;
    ClusterClaim& operator=(const ClusterClaim&) = delete;
    ~ClusterClaim() = default;

    /// The last place in the queue.
    [[nodiscard]] const lease::Queued& place() const { return place_; }

    /// From now on a unit may live on the lease.
    void carry();
    /// The harness keeps it now.
    void let_go();
    /// No harness will keep it: what it might still begin, it will find that it may not.
    void withdraw();

private:
    void on_lines();
    void hear(const lease::Queued& line);
    void hear(const lease::Held& line);
    void hear(const lease::Valid& line) {
        until_ = line.until;
        trouble_.clear();
    }
    void hear(const lease::Superseded& line) { calls_.on_superseded(line.by); }
    void hear(const lease::Trouble& line);
    /// The harness finds out by itself; and a run that has given it back has nothing to say.
    void hear(const lease::Lost&) {}
    void hear(const lease::Refused& line);
    void hear(const lease::Released&) {}

    ClusterLock lock_;
    std::string domain_;
    Calls calls_;
    std::optional<lease::Keeper> keeper_;
    lease::Queued place_;
    std::chrono::steady_clock::time_point until_;
    bool had_ = false;     ///< it was ours, or it was refused: nothing more is to come
    std::string trouble_;  ///< the last one, until it is over
    event::Source lines_;
};

}  // namespace ccci::launch
