#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::base {

/// Parts between separators; "a,,b" has three. An empty text has one empty part.
std::vector<std::string> split(std::string_view text, char separator);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Without leading and trailing white space.
std::string_view trim(std::string_view text);

std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// For a message: control characters and invalid bytes are shown as \xNN, and a text longer than
/// `limit` bytes is cut with "...". Whatever a user typed goes through this before it is printed.
std::string printable(std::string_view text, std::size_t limit = 120);

/// RFC 3339 in UTC with milliseconds: 2026-03-01T09:22:30.125Z.
std::string format_time(std::chrono::system_clock::time_point time);

/// The local wall clock, for people: 09:22:30.
std::string format_clock(std::chrono::system_clock::time_point time);

/// Inverse of format_time, the fraction being optional; throws std::invalid_argument.
std::chrono::system_clock::time_point parse_time(const std::string& text);

}  // namespace ccci::base
