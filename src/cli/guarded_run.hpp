#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/context.hpp"
#include "launch/step.hpp"
#include "run/config.hpp"

namespace ccci::cli {

/// The options that `run` and `recipe` share, as they were written.
struct GuardOptions {
    std::string run_id;
    std::string deadline;
    std::string teardown_budget;
    std::string wait_timeout;
    bool no_wait = false;
    bool supersede = false;
    std::string manager = "auto";
    bool scope = false;
    std::string memory_max;
    std::string cpu_quota;
    std::string tasks_max;
    bool detach = false;
    bool json = false;
};

void add_guard_options(CLI::App& command, GuardOptions& options);

/// Fills what the options say into `order`, checks all of it, runs it, prints the last line, and
/// returns the exit code. `order` has the domain, the programs, the label.
/// Throws run::UsageError before anything is done.
int run_guarded(const Context& context, const run::Config& config, const GuardOptions& options,
                launch::Order order);

/// "passed, level 4 of 5, 6min 12s (queue 3min 14s, job 2min 51s, teardown 6s)"
std::string last_line(const run::Record& record);

}  // namespace ccci::cli
