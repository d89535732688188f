#pragma once

#include <filesystem>
#include <string>

#include "run/request.hpp"
#include "run/run_dir.hpp"

namespace ccci::harness {

/// The first line of a file that a job or a teardown may have written about itself, printable and
/// short; empty if there is none to be had.
std::string read_note(const std::filesystem::path& file);

/// The teardown as it can be started now. What an earlier one has noted about itself is gone.
run::Program teardown_program(const run::Request& request, const run::RunDir& dir);

}  // namespace ccci::harness
