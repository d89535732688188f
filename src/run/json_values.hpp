#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>

namespace ccci::run {

// Values that may be missing, as keys of a JSON object. What is read throws
// nlohmann::json::exception or std::invalid_argument.

/// Seconds.
double to_seconds(std::chrono::microseconds span);
std::chrono::microseconds span_from(const nlohmann::json& value);

void put(nlohmann::json& out, const char* key,
         const std::optional<std::chrono::system_clock::time_point>& time);
void put(nlohmann::json& out, const char* key,
         const std::optional<std::chrono::microseconds>& span);
void put(nlohmann::json& out, const char* key, const std::optional<std::uint64_t>& count);

std::optional<std::chrono::system_clock::time_point> time_at(const nlohmann::json& in,
                                                             const char* key);
std::optional<std::chrono::microseconds> span_at(const nlohmann::json& in, const char* key);
std::optional<std::uint64_t> count_at(const nlohmann::json& in, const char* key);

}  // namespace ccci::run
