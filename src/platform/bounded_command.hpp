#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "base/process.hpp"

namespace ccci::platform {

/// Runs the command in a process group of its own, hands what it writes to stdout (and to stderr,
/// unless command.err is set) to `on_output`, and returns when the command itself has ended: a
/// child it leaves behind is not waited for. At `until` the whole group is killed, and the result
/// is nullopt. The command dies with us. Throws std::runtime_error when it cannot be executed.
std::optional<base::ExitStatus> run_bounded(base::Command command,
                                            std::chrono::steady_clock::time_point until,
                                            const std::function<void(std::string_view)>& on_output);

/// The same on a terminal of its own, for a program that insists on one: its standard input, output
/// and error are the terminal, and nobody ever types there.
std::optional<base::ExitStatus> run_on_terminal(
    base::Command command, std::chrono::steady_clock::time_point until,
    const std::function<void(std::string_view)>& on_output);

/// What is heard of several commands; each is named by its place in the list.
struct Listener {
    std::function<void(std::size_t, std::string_view)> on_output;
    /// It has ended, and all of its output was handed over.
    std::function<void(std::size_t)> on_end = [](std::size_t) {};
};

/// The same for several commands, `at_once` of them at a time. What `until` keeps from being
/// started has no result either.
std::vector<std::optional<base::ExitStatus>> run_all_bounded(
    const std::vector<base::Command>& commands, std::chrono::steady_clock::time_point until,
    const Listener& listener, std::size_t at_once = std::numeric_limits<std::size_t>::max());

/// For `on_output`: shows it, as long as somebody reads.
void pass_to_stdout(std::string_view output);

}  // namespace ccci::platform
