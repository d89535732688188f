#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace ccci::recipe {

/// A line of the run's log, on stdout at once: what children write there stays in order with it.
/// Control characters in it are shown, not sent.
void log_line(std::string_view line);

template <typename... Args>
void log(fmt::format_string<Args...> format, Args&&... args) {
    log_line(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace ccci::recipe
