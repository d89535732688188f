#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/context.hpp"

namespace ccci::cli {

/// A command's work; returns the exit code.
using Action = std::function<int(const Context&)>;

// Each adds its command to the program and returns what it does; options are kept in the action.

Action add_run(CLI::App& program);
Action add_recipe(CLI::App& program);
Action add_prune(CLI::App& program);
Action add_ps(CLI::App& program);
Action add_show(CLI::App& program);
Action add_cancel(CLI::App& program);
Action add_locks(CLI::App& program);
Action add_logs(CLI::App& program);
Action add_metrics(CLI::App& program);
Action add_janitor(CLI::App& program);
Action add_warm(CLI::App& program);
Action add_dashboard(CLI::App& program);
Action add_doctor(CLI::App& program);
Action add_bridge(CLI::App& program);
Action add_completion(CLI::App& program);

/// Parses, acts, and maps every failure to its exit code and its one line.
int main(int argc, char** argv);

}  // namespace ccci::cli
