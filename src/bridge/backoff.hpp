#pragma once

#include <chrono>
#include <optional>

namespace ccci::bridge {

/// How long to wait after so many failures in a row, from 1 on: a second, doubled each time, five
/// minutes at most, of which `chance` (0 to 1) takes up to a half away, so that not everybody asks
/// at once. Never less than what the server wants.
std::chrono::milliseconds backoff(int failures, double chance,
                                  std::optional<std::chrono::seconds> wanted = {});

}  // namespace ccci::bridge
