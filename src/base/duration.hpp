#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace ccci::base {

/// A span of time as systemd writes it: "90s", "10min", "1h 30min", "500ms"; a bare number is
/// seconds. Units: us, ms, s, sec, min, m, h, hr, d, w (systemd.time(7)); fractions are allowed
/// ("1.5h"). Throws std::invalid_argument, whose text names the value, on anything else, on
/// nothing, and on more than a hundred years.
std::chrono::microseconds parse_duration(std::string_view text);

/// For people and for logs: "250ms", "6.1s", "42s", "3min 14s", "2h 5min", "3d 4h". At most two
/// units; tenths of seconds below ten seconds.
std::string format_duration(std::chrono::microseconds span);

}  // namespace ccci::base
