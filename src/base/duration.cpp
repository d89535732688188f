#include "base/duration.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "base/text.hpp"

namespace ccci::base {

namespace {

using std::chrono::microseconds;

struct Unit {
    std::string_view name;
    double microseconds;
};

constexpr std::array<Unit, 19> k_units{{
    {"us", 1},        {"usec", 1},       {"ms", 1e3},       {"msec", 1e3},      {"", 1e6},
    {"s", 1e6},       {"sec", 1e6},      {"second", 1e6},   {"seconds", 1e6},   {"m", 60e6},
    {"min", 60e6},    {"minute", 60e6},  {"minutes", 60e6}, {"h", 3600e6},      {"hr", 3600e6},
    {"hour", 3600e6}, {"hours", 3600e6}, {"d", 86400e6},    {"w", 7 * 86400e6},
}};

constexpr double k_most = static_cast<double>(k_longest_span.count());

[[noreturn]] void reject(std::string_view text) {
    throw std::invalid_argument{fmt::format(
        "not a time span (want for example 90s, 10min or 1h 30min): '{}'", printable(text))};
}

}  // namespace

microseconds parse_duration(std::string_view text) {
    std::string_view rest = trim(text);
    if (rest.empty()) {
        reject(text);
    }
    double total = 0;
    while (!rest.empty()) {
        double number = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number,
                                                  std::chars_format::fixed);
        // from_chars accepts "inf", "nan" and a sign; a span has none of them.
        if (error != std::errc{} || rest.front() < '0' || rest.front() > '9') {
            reject(text);
        }
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        rest = trim(rest);

        std::size_t length = 0;
        while (length < rest.size() && rest[length] >= 'a' && rest[length] <= 'z') {
            ++length;
        }
        const std::string_view name = rest.substr(0, length);
        const auto* unit = k_units.begin();
        while (unit != k_units.end() && unit->name != name) {
            ++unit;
        }
        if (unit == k_units.end()) {
            reject(text);
        }
        total += number * unit->microseconds;
        rest = trim(rest.substr(length));
    }
    if (total > k_most) {
        reject(text);
    }
    return microseconds{std::llround(total)};  // 65.6 has no binary fraction of its own
}

std::string format_duration(microseconds span) {
    const auto us = span.count() < 0 ? 0 : span.count();
    if (us < 1'000'000) {
        return fmt::format("{}ms", us / 1000);
    }
    if (us < 10'000'000) {
        const auto tenths = us / 100'000;
        return tenths % 10 == 0 ? fmt::format("{}s", tenths / 10)
                                : fmt::format("{}.{}s", tenths / 10, tenths % 10);
    }
    const auto seconds = us / 1'000'000;
    const auto pair = [](auto large, const char* large_name, auto small, const char* small_name) {
        return small == 0 ? fmt::format("{}{}", large, large_name)
                          : fmt::format("{}{} {}{}", large, large_name, small, small_name);
    };
    if (seconds < 60) {
        return fmt::format("{}s", seconds);
    }
    if (seconds < 3600) {
        return pair(seconds / 60, "min", seconds % 60, "s");
    }
    if (seconds < 86400) {
        return pair(seconds / 3600, "h", seconds % 3600 / 60, "min");
    }
    return pair(seconds / 86400, "d", seconds % 86400 / 3600, "h");
}

}  // namespace ccci::base
