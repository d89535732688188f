#pragma once

#include <optional>
#include <vector>

#include "base/process.hpp"
#include "locks/domain_lock.hpp"

namespace ccci::locks {

/// A place in the kernel's queue for a domain's lock.
///
/// flock(2) cannot wait together with signals and timers, so a child does nothing but block in it.
/// The lock belongs to the open file description that both share, so what the child gets is ours,
/// and it dies with us. Destroying the object leaves the queue.
class Waiting {
public:
    explicit Waiting(Busy busy);
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    Waiting(Waiting&&) noexcept = default;
    Waiting& operator=(Waiting&&) = delete;
    ~Waiting();

    /// Becomes readable when finish() has something to say.
    [[nodiscard]] int pidfd() const { return child_->pidfd(); }
    [[nodiscard]] const Busy& busy() const { return busy_; }

    /// To be called once pidfd() is readable. Either the lock, or the next thing to wait for: the
    /// file was unlinked by its last holder and somebody else was quicker on the live path. Until
    /// the last wait is over the old files stay locked, so that everybody who queued behind us
    /// keeps queueing behind us.
    [[nodiscard]] std::optional<DomainLock> finish();

private:
    void start();
    void stop() noexcept;

    Busy busy_;
    std::vector<base::UniqueFd> outlived_;  ///< the unlinked files that those behind us wait for
    std::optional<base::Child> child_;
};

}  // namespace ccci::locks
