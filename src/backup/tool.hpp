#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.hpp"

namespace ccci::backup {

/// How long a hook, or one call of a tool, may take.
inline constexpr std::chrono::minutes k_longest_command{10};

struct ToolEnd {
    base::ExitStatus status;
    std::string last_line;  ///< of its output, printable; how it ended if it said nothing
};

/// PATH, and messages in the one language that they are read in.
std::vector<std::string> tool_environment();

/// Runs a program of this host to its end; `on_output` gets its stdout and stderr. Throws
/// std::runtime_error when it cannot be executed, or is killed after `longest`.
ToolEnd run_tool(const base::Command& command,
                 const std::function<void(std::string_view)>& on_output = {},
                 std::chrono::microseconds longest = k_longest_command);

}  // namespace ccci::backup
