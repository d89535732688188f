#pragma once

#include <chrono>
#include <cstdint>

namespace ccci::lease {

/// What a run may do, as far as its lease is concerned.
enum class Standing {
    valid,
    fenced,  ///< it stops its job and tears down, while nobody else can have the domain
    over,    ///< somebody else may have the domain: it touches nothing any more
};

/// How long a run may count on its lease, by the clock of its own host (CLOCK_MONOTONIC) alone.
///
/// The server counts a lease's time from when it takes a keep-alive in, which is after the moment
/// at which that was sent; so what is valid by our clock is valid by its clock, but for what the
/// two differ by within one lease. allowance() is for that.
class Validity {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// `margin`: how long before the end of the lease a run fences itself.
    Validity(Time until, std::chrono::microseconds margin) : until_{until}, margin_{margin} {}

    /// A keep-alive was confirmed. Time that was granted is not taken back.
    void extend(Time until);

    [[nodiscard]] Standing at(Time now) const;
    [[nodiscard]] Time fence_at() const { return until_ - margin_; }
    [[nodiscard]] Time until() const { return until_; }

private:
    Time until_;
    std::chrono::microseconds margin_;
};

/// What is taken off a lease for clocks that do not go alike: two per cent, which is a hundred
/// times what a clock without any correction is off by.
std::chrono::microseconds allowance(std::chrono::microseconds ttl);

/// Until when a lease is valid whose keep-alive was sent at that moment, and confirmed since.
Validity::Time valid_until(Validity::Time sent, std::chrono::microseconds ttl);

/// How often it is kept alive: so that some attempts fit between the first that fails and the
/// fence.
std::chrono::microseconds keep_alive_interval(std::chrono::microseconds ttl);

}  // namespace ccci::lease
