#pragma once

#include <filesystem>
#include <string>
#include <variant>

#include "platform/platform.hpp"

namespace ccci::recipe {

/// How the teardown after the job went: its report, or why there is none.
using Teardown = std::variant<platform::TeardownReport, std::string>;

/// Completes `<run dir>/results.json` after a teardown. After a second one, what they removed is
/// added up and the rest is as the last one found it. Where the job was killed before it could say
/// how it ended, the verdict becomes "unfinished". Does nothing when there is no such file, or not
/// a whole one. Throws std::system_error when it cannot be read or written, and nothing for what is
/// in it: a job may write anything there.
void finish_results(const std::filesystem::path& run_dir, const Teardown& teardown);

}  // namespace ccci::recipe
