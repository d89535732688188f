#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace ccci::base {

/// No span that anybody asks for is longer: sums of a few still fit.
constexpr std::chrono::microseconds k_longest_span = std::chrono::hours{24 * 365 * 100};

/// A span of time as systemd writes it: "90s", "10min", "1h 30min", "500ms"; a bare number is
/// seconds. Units: us, ms, s, sec, min, m, h, hr, d, w (systemd.time(7)); fractions are allowed
/// ("1.5h"). Throws std::invalid_argument, whose text names the value, on anything else, on
/// nothing, and on more than k_longest_span.
std::chrono::microseconds parse_duration(std::string_view text);

/// For people and for logs: "250ms", "6.1s", "42s", "3min 14s", "2h 5min", "3d 4h". At most two
/// units; tenths of seconds below ten seconds.
std::string format_duration(std::chrono::microseconds span);

}  // namespace ccci::base
