#pragma once

#include <filesystem>
#include <string>

#include "recipe/results.hpp"

namespace ccci::recipe {

/// The results in the form that CI servers read (JUnit's XML): a suite for each tier that was asked
/// for, in it a case for the tier itself and one for each of its tests. A tier that failed is a
/// failure; one that is going on an error, so that what a killed job leaves is no success; one that
/// did not come about is skipped, as is a declared skip. UTF-8 throughout, whatever a test said.
std::string to_junit(const Results& results);

std::filesystem::path junit_file(const std::filesystem::path& run_dir);

}  // namespace ccci::recipe
