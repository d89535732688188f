#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "launch/step.hpp"

namespace ccci::doctor {

/// The three jobs of a self-test. They speak to it through named pipes in its directory.
enum class TinyRun { pinning, deadline, kill };

std::string to_string(TinyRun run);
/// "doctor-4711-pinning", for the self-test with this pid.
std::string run_id(TinyRun run, pid_t self_test);
/// All units of that self-test.
std::string unit_pattern(pid_t self_test);
std::string domain_of(TinyRun run);

/// What a step is to do for it, with everything below `directory`.
launch::Order order_of(TinyRun run, pid_t self_test, const std::filesystem::path& directory,
                       const std::vector<std::string>& environment,
                       std::chrono::microseconds deadline);

}  // namespace ccci::doctor
