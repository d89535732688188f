#include "run/json_values.hpp"

#include <stdexcept>
#include <string>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::run {

using nlohmann::json;

double to_seconds(std::chrono::microseconds span) {
    return static_cast<double>(span.count()) / 1e6;
}

std::chrono::microseconds span_from(const json& value) {
    const double length = value.get<double>();
    if (!(length >= 0 && length <= to_seconds(base::k_longest_span))) {
        throw std::invalid_argument{"no span of time"};
    }
    return std::chrono::microseconds{static_cast<std::int64_t>(length * 1e6 + 0.5)};
}

void put(json& out, const char* key,
         const std::optional<std::chrono::system_clock::time_point>& time) {
    if (time) {
        out[key] = base::format_time(*time);
    }
}

void put(json& out, const char* key, const std::optional<std::chrono::microseconds>& span) {
    if (span) {
        out[key] = to_seconds(*span);
    }
}

void put(json& out, const char* key, const std::optional<std::uint64_t>& count) {
    if (count) {
        out[key] = *count;
    }
}

std::optional<std::chrono::system_clock::time_point> time_at(const json& in, const char* key) {
    const auto found = in.find(key);
    if (found == in.end()) {
        return std::nullopt;
    }
    return base::parse_time(found->get<std::string>());
}

std::optional<std::chrono::microseconds> span_at(const json& in, const char* key) {
    const auto found = in.find(key);
    if (found == in.end()) {
        return std::nullopt;
    }
    return span_from(*found);
}

std::optional<std::uint64_t> count_at(const json& in, const char* key) {
    const auto found = in.find(key);
    if (found == in.end()) {
        return std::nullopt;
    }
    if (!found->is_number_unsigned()) {
        throw std::invalid_argument{"no count"};
    }
    return found->get<std::uint64_t>();
}

}  // namespace ccci::run
