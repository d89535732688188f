#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "recipe/results.hpp"

namespace ccci::recipe {

/// An executable that is a test, or a hook.
struct TestFile {
    std::string name;    ///< "install/10-front-page"
    std::string origin;  ///< "recipe" or "site"
    std::filesystem::path path;
};

/// Where tests come from: the snapshot of the recipe's own, and the operator's for this recipe.
struct TestFolders {
    std::filesystem::path recipe;
    std::filesystem::path site;  ///< empty: none
};

struct FoundTests {
    std::vector<TestFile> tests;       ///< the recipe's first, each group sorted by name
    std::vector<std::string> ignored;  ///< programs without the right to be executed
};

/// The tests of one tier: executable files in its folder. Other files are data of theirs, unless
/// they begin with "#!".
FoundTests find_tests(const TestFolders& folders, naming::Tier tier);

/// The hooks of this name, the recipe's first.
std::vector<TestFile> find_hooks(const TestFolders& folders, const std::string& name);

/// Runs one test to its end with its output on our stdout. 0: pass, 77: skip, else fail. What it
/// counts itself, with TAP or in the file that CCCI_JUNIT_FILE names, is counted; a check that
/// failed fails it.
TestResult run_test(const TestFile& test, const std::vector<std::string>& environment);

/// Where a test may leave a JUnit file: below that folder, under its own name.
std::filesystem::path report_file(const std::filesystem::path& reports, const TestFile& test);

/// "2 tests passed, 1 skipped in 1.2s", "1 of 3 tests failed in 0.4s: install/login (exit 1)".
std::string describe_tests(const std::vector<TestResult>& tests);

}  // namespace ccci::recipe
