#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace ccci::cli {

// Values of options; each throws run::UsageError that names the option and the value.

std::chrono::microseconds duration_option(const std::string& option, const std::string& text);
/// "512M", "2G", "1048576": bytes, with the binary suffixes K, M, G and T as systemd has them.
std::uint64_t size_option(const std::string& option, const std::string& text);
/// "150%" of one CPU: microseconds of CPU time per second.
std::uint64_t percent_option(const std::string& option, const std::string& text);
std::uint64_t count_option(const std::string& option, const std::string& text);

}  // namespace ccci::cli
