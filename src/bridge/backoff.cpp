#include "bridge/backoff.hpp"

#include <algorithm>

namespace ccci::bridge {

std::chrono::milliseconds backoff(int failures, double chance,
                                  std::optional<std::chrono::seconds> wanted) {
    constexpr int k_most_doublings = 9;
    constexpr std::chrono::milliseconds k_longest = std::chrono::minutes{5};
    const int doublings = std::clamp(failures - 1, 0, k_most_doublings);
    const std::chrono::milliseconds span =
        std::min(std::chrono::milliseconds{1000} * (1 << doublings), k_longest);
    const std::chrono::milliseconds chosen{static_cast<std::int64_t>(
        static_cast<double>(span.count()) * (1 - 0.5 * std::clamp(chance, 0.0, 1.0)))};
    return std::max<std::chrono::milliseconds>(chosen, wanted.value_or(std::chrono::seconds{0}));
}

}  // namespace ccci::bridge
