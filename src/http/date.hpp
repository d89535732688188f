#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace ccci::http {

/// A time in a header: "Sun, 01 Mar 2026 09:22:30 GMT" (RFC 9110, the form that is not obsolete).
std::optional<std::chrono::system_clock::time_point> parse_date(const std::string& text);

}  // namespace ccci::http
