#pragma once

#include <functional>
#include <optional>
#include <string>

#include "event/loop.hpp"
#include "lease/keeper.hpp"
#include "lease/validity.hpp"
#include "run/request.hpp"

namespace ccci::harness {

/// Holds a run to its lease, by our own clock alone: whatever becomes of the keeper or of etcd, the
/// moments at which the run has to stop and to let everything be are known before.
class LeaseGuard {
public:
    struct Calls {
        /// The lease is confirmed to be ours; once, and nothing may be touched before.
        std::function<void()> on_ready;
        /// It will run out: stop, and tear down. Once, and not before on_ready.
        std::function<void(const std::string& reason)> on_fence;
        /// Somebody else may have the domain: touch nothing any more. Once.
        std::function<void(const std::string& reason)> on_over;
        std::function<void(const lease::Claimant& by)> on_superseded;
        /// Something for the log.
        std::function<void(const std::string& line)> tell;
        /// The child that is the keeper from now on; 0: none.
        std::function<void(pid_t keeper)> on_keeper;
    };

    LeaseGuard(event::Loop& loop, const run::Lease& lease, Calls calls);
    LeaseGuard(const LeaseGuard&) = delete;
    LeaseGuard& operator=(const LeaseGuard&) = delete;
    ~LeaseGuard() = default;

    [[nodiscard]] bool is_ready() const { return ready_; }
    [[nodiscard]] bool is_over() const { return over_; }

    /// Nothing is left: gives the domain back. It ends by itself if that cannot be done.
    void release();
    /// Nothing is to be waited for: it was given back, or cannot be.
    [[nodiscard]] bool has_let_go() const { return over_ || (releasing_ && !keeper_); }

private:
    void start_keeper();
    void on_lines();
    void hear(const lease::Valid& line);
    void hear(const lease::Lost& line);
    void hear(const lease::Superseded& line);
    void hear(const lease::Trouble& line);
    void hear(const lease::Released& line);
    /// What is not said to who keeps a lease.
    template <typename Other>
    void hear(const Other&) {}
    void drop_keeper();
    void arm();
    void look();
    void end(const std::string& reason);

    event::Loop& loop_;
    base::Command program_;
    lease::Validity validity_;
    Calls calls_;
    std::optional<lease::Keeper> keeper_;
    bool ready_ = false;
    bool fenced_ = false;
    bool over_ = false;
    bool releasing_ = false;
    std::string trouble_;  ///< the last one, until it is over

    event::Source lines_;
    event::Source clock_;
    event::Source again_;
};

}  // namespace ccci::harness
