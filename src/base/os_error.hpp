#pragma once

#include <fmt/format.h>

#include <system_error>

namespace ccci::base {

/// Throws std::system_error whose text reads "<what was attempted>: <strerror>".
///
/// `error` is a parameter, never read from the global inside: anything that runs while the message
/// is being built may overwrite errno.
template <typename... Args>
[[noreturn]] void throw_errno(int error, fmt::format_string<Args...> attempted, Args&&... args) {
    throw std::system_error{error, std::generic_category(),
                            fmt::format(attempted, std::forward<Args>(args)...)};
}

}  // namespace ccci::base
