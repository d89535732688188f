#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <variant>

#include "platform/platform.hpp"
#include "program/action.hpp"

namespace ccci::apps {

/// `teardown --domain D`: removes an app and checks that nothing is left. Exit 0: nothing is;
/// 1: something is, and was listed.
program::Action add_teardown(CLI::App& program);

/// Does it, prints what it did, and returns the report, or why there is none.
std::variant<platform::TeardownReport, std::string> tear_down(
    const run::Config& config, const std::string& domain,
    std::chrono::steady_clock::time_point until);

/// When a teardown that begins now has to be over.
std::chrono::steady_clock::time_point teardown_end(const run::Config& config);

/// Says what was removed, and what was not.
void print(const platform::TeardownReport& report);

/// The exit code of a teardown.
int exit_code_of(const std::variant<platform::TeardownReport, std::string>& result);

}  // namespace ccci::apps
