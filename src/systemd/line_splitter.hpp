#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ccci::systemd {

/// As long as journald lets a line of a stream be (journald.conf(5), LineMax=).
constexpr std::size_t k_longest_line = 48 * 1024;

/// Cuts what a program writes into lines, wherever the reads of it were cut. A line longer than
/// `longest` becomes several; every byte but the line ends is in one of them, in order.
class LineSplitter {
public:
    explicit LineSplitter(std::size_t longest = k_longest_line) : longest_{longest} {}

    /// Takes the next line, without its end, off the front of `bytes`. nullopt: there is no whole
    /// one; `bytes` is empty then, and what it held is kept for the next call. A line is valid
    /// until the next call, and as long as `bytes` is.
    std::optional<std::string_view> next(std::string_view& bytes);

    /// What was kept, as a line of its own; nullopt if it is nothing.
    std::optional<std::string_view> rest();

private:
    std::size_t longest_;
    std::string kept_;
    bool used_ = false;  ///< `kept_` was given out, and is to be forgotten
};

}  // namespace ccci::systemd
