#include "backup/tool.hpp"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "platform/bounded_command.hpp"

namespace ccci::backup {

namespace {

constexpr std::size_t k_kept_output = 4096;

std::string last_line_of(const std::string& output, const base::ExitStatus& status) {
    const std::vector<std::string> lines = base::split(base::trim(output), '\n');
    const std::string_view last = base::trim(lines.back());
    return last.empty() ? base::describe(status) : base::printable(last, 500);
}

}  // namespace

std::vector<std::string> tool_environment() {
    std::vector<std::string> environment{"LC_ALL=C"};
    if (const auto path = base::find_variable(base::own_environment(), "PATH")) {
        base::set_variable(environment, "PATH", *path);
    }
    return environment;
}

ToolEnd run_tool(const base::Command& command,
                 const std::function<void(std::string_view)>& on_output,
                 std::chrono::microseconds longest) {
    std::string kept;
    const auto status = platform::run_bounded(command, std::chrono::steady_clock::now() + longest,
                                              [&](std::string_view output) {
                                                  if (on_output) {
                                                      on_output(output);
                                                  }
                                                  kept += output;
                                                  if (kept.size() > k_kept_output) {
                                                      kept.erase(0, kept.size() - k_kept_output);
                                                  }
                                              });
    if (!status) {
        throw std::runtime_error{fmt::format("{}: killed after {}", command.argv.front(),
                                             base::format_duration(longest))};
    }
    return {*status, last_line_of(kept, *status)};
}

}  // namespace ccci::backup
