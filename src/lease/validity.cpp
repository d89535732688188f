#include "lease/validity.hpp"

#include <algorithm>

namespace ccci::lease {

void Validity::extend(Time until) {
    until_ = std::max(until_, until);
}

Standing Validity::at(Time now) const {
    if (now >= until_) {
        return Standing::over;
    }
    return now >= fence_at() ? Standing::fenced : Standing::valid;
}

std::chrono::microseconds allowance(std::chrono::microseconds ttl) {
    return ttl / 50;
}

Validity::Time valid_until(Validity::Time sent, std::chrono::microseconds ttl) {
    return sent + ttl - allowance(ttl);
}

std::chrono::microseconds keep_alive_interval(std::chrono::microseconds ttl) {
    return ttl / 6;
}

}  // namespace ccci::lease
