#pragma once

#include <time.h>

#include <cstdint>
#include <cstdio>
#include <string>

/// What flood writes and drain expects: first a line with the time, then lines of a given length.
namespace flood {

inline std::int64_t now() {
    timespec time{};
    (void)::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// The first line, always of this length.
constexpr std::size_t k_first = 28;

inline std::string first_line() {
    char text[k_first + 1];
    std::snprintf(text, sizeof text, "begin %021lld\n", static_cast<long long>(now()));
    return text;
}

/// So many lines that they are about 64 KiB: the whole is this again and again.
inline std::string block(std::size_t line) {
    std::string text;
    const std::size_t lines = line >= 65536 ? 1 : 65536 / line;
    for (std::size_t number = 0; number < lines; ++number) {
        char name[24];
        const int n = std::snprintf(name, sizeof name, "%07zu", number);
        std::string one{name, static_cast<std::size_t>(n)};
        one.resize(line - 1, '.');
        text += one.substr(0, line - 1) + '\n';
    }
    return text;
}

}  // namespace flood
