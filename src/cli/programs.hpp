#pragma once

#include <string>
#include <vector>

#include "run/config.hpp"
#include "run/request.hpp"

namespace ccci::cli {

/// The other half of cc-ci: all that speaks HTTP lives in programs of their own, since its
/// libraries would treble the start-up time and the memory of every step and harness.
std::string apps_program();

/// Calls of that program, and of the one with the services, which see exactly the configuration
/// that we see.
run::Program apps_call(const std::vector<std::string>& arguments, const run::Config& config,
                       std::vector<std::string> environment);
/// The same of what speaks to etcd.
run::Program keeper_call(const std::vector<std::string>& arguments, const run::Config& config,
                         std::vector<std::string> environment);

run::Program services_call(const std::vector<std::string>& arguments, const run::Config& config,
                           std::vector<std::string> environment);

/// Goes on as that program. Throws std::system_error.
[[noreturn]] void become(const run::Program& program);

/// Throws std::runtime_error, one line with the remedy, when the configured platform cannot be
/// reached.
void check_platform(const run::Config& config);

/// The name of the user that we run as.
std::string user_name();

}  // namespace ccci::cli
