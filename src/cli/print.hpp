#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <utility>

namespace ccci::cli {

/// Writes to stdout or stderr. A reader that went away is no reason to fail: fmt::print would
/// throw.
inline void print_text(std::FILE* file, std::string_view text) {
    (void)std::fwrite(text.data(), 1, text.size(), file);
    (void)std::fflush(file);
}

template <typename... Args>
void print(std::FILE* file, fmt::format_string<Args...> format, Args&&... args) {
    print_text(file, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace ccci::cli
