#pragma once

#include <functional>
#include <string>

#include "lease/keeper.hpp"
#include "lease/validity.hpp"
#include "run/request.hpp"

namespace ccci::harness {

/// The lease of a run whose harness is gone, for a process without a loop.
class PostLease {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// `tell` gets what does not work, for the log. Throws std::runtime_error when there is no
    /// keeper to be had.
    PostLease(const run::Lease& lease, std::function<void(const std::string&)> tell);

    /// Waits until the lease is confirmed to be ours still, at most until then. Nothing may be
    /// touched before, nor when it is not: the harness may have been dead for long.
    [[nodiscard]] bool confirm(Time latest);

    /// Becomes readable when listen() is to be called; -1: nothing more will be heard.
    [[nodiscard]] int fd() const { return keeper_.is_over() ? -1 : keeper_.fd(); }
    void listen();
    /// When everything is to be let be, as far as is known now.
    [[nodiscard]] Time until() const { return lost_ ? Time::min() : until_; }
    [[nodiscard]] const std::string& reason() const { return reason_; }

    /// Gives the domain back, or with `clean` false gives it up and lets the next one know. Waits
    /// for that, for some seconds: after that the lease runs out by itself.
    void end(bool clean);

private:
    void wait(Time latest);

    lease::Keeper keeper_;
    std::function<void(const std::string&)> tell_;
    Time until_ = Time::min();
    bool lost_ = false;
    bool released_ = false;
    std::string reason_ = "its lease is not confirmed";
};

}  // namespace ccci::harness
