#include "recipe/tier_tests.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/duration.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "platform/bounded_command.hpp"
#include "recipe/test_report.hpp"

namespace ccci::recipe {

namespace fs = std::filesystem;

namespace {

/// automake's convention.
constexpr int k_skip_code = 77;
/// What is larger is no report of a test.
constexpr std::uintmax_t k_largest_report = 10'000'000;

bool is_executable(const fs::path& file) {
    return fs::is_regular_file(file) && ::access(file.c_str(), X_OK) == 0;
}

bool is_script(const fs::path& file) {
    if (!fs::is_regular_file(file)) {
        return false;
    }
    const base::UniqueFd fd = base::open_file(file, O_RDONLY | O_NONBLOCK);
    std::array<char, 2> magic{};
    return ::read(fd.get(), magic.data(), magic.size()) == 2 && magic == std::array{'#', '!'};
}

std::vector<std::pair<std::string, fs::path>> roots(const TestFolders& folders) {
    std::vector<std::pair<std::string, fs::path>> result{{"recipe", folders.recipe}};
    if (!folders.site.empty()) {
        result.emplace_back("site", folders.site);
    }
    return result;
}

std::vector<fs::path> sorted_files(const fs::path& folder) {
    std::vector<fs::path> files;
    if (fs::is_directory(folder)) {
        for (const fs::directory_entry& entry : fs::directory_iterator{folder}) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::optional<Checks> read_report(const std::vector<std::string>& environment) {
    const auto file = base::find_variable(environment, "CCCI_JUNIT_FILE");
    std::error_code ignored;
    if (!file || file->empty() || !fs::is_regular_file(*file, ignored) ||
        fs::file_size(*file, ignored) > k_largest_report) {
        return std::nullopt;
    }
    return read_junit(base::try_read_file(*file).value_or(""));
}

void judge(TestResult& result, const base::ExitStatus& status, const std::optional<Checks>& tap,
           const std::vector<std::string>& environment) {
    result.checks = tap ? tap : read_report(environment);
    const bool checks_failed = result.checks && result.checks->failed > 0;
    if (status == base::ExitStatus{.code = k_skip_code, .signal = 0}) {
        result.outcome = Outcome::skip;
        return;
    }
    if (status.success() && !checks_failed) {
        result.outcome = Outcome::pass;
        return;
    }
    result.message = base::describe(status);
    if (checks_failed) {
        result.message += ", " + describe(*result.checks);
    }
}

std::string plural(std::size_t count) {
    return fmt::format("{} test{}", count, count == 1 ? "" : "s");
}

}  // namespace

FoundTests find_tests(const TestFolders& folders, naming::Tier tier) {
    FoundTests found;
    const std::string tier_name{naming::to_string(tier)};
    for (const auto& [origin, root] : roots(folders)) {
        for (const fs::path& file : sorted_files(root / tier_name)) {
            const std::string name =
                fmt::format("{}/{}", tier_name, base::printable(file.filename().native()));
            if (is_executable(file)) {
                found.tests.push_back({name, origin, file});
            } else if (is_script(file)) {
                found.ignored.push_back(name);
            }
        }
    }
    return found;
}

std::vector<TestFile> find_hooks(const TestFolders& folders, const std::string& name) {
    std::vector<TestFile> hooks;
    for (const auto& [origin, root] : roots(folders)) {
        if (is_executable(root / name)) {
            hooks.push_back({name, origin, root / name});
        }
    }
    return hooks;
}

fs::path report_file(const fs::path& reports, const TestFile& test) {
    // The name of a file that exists has no slash in it.
    return reports / test.origin / fs::path{test.name}.parent_path() /
           (test.path.filename().native() + ".xml");
}

TestResult run_test(const TestFile& test, const std::vector<std::string>& environment) {
    const auto begin = std::chrono::steady_clock::now();
    TestResult result{.name = test.name,
                      .origin = test.origin,
                      .outcome = Outcome::fail,
                      .message = {},
                      .took = {}};
    TapReader tap;
    try {
        const std::optional<base::ExitStatus> status = platform::run_bounded(
            {.argv = {test.path.native()},
             .environment = environment,
             .directory = test.path.parent_path()},
            std::chrono::steady_clock::time_point::max(), [&](std::string_view output) {
                platform::pass_to_stdout(output);
                tap.feed(output);
            });
        judge(result, *status, tap.result(), environment);
    } catch (const std::system_error&) {
        throw;
    } catch (const std::runtime_error& cannot_execute) {
        result.message = cannot_execute.what();
    }
    result.took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begin);
    return result;
}

std::string describe_tests(const std::vector<TestResult>& tests) {
    std::chrono::microseconds took{};
    std::size_t passed = 0;
    std::size_t skipped = 0;
    int checks = 0;
    std::vector<std::string> failures;
    for (const TestResult& test : tests) {
        took += test.took;
        passed += test.outcome == Outcome::pass ? 1U : 0U;
        checks += test.checks ? test.checks->total() : 0;
        skipped += test.outcome == Outcome::skip ? 1U : 0U;
        if (test.outcome == Outcome::fail) {
            failures.push_back(fmt::format("{} ({})", test.name, test.message));
        }
    }
    const std::string time = base::format_duration(took);
    if (!failures.empty()) {
        return fmt::format("{} of {} failed in {}: {}", failures.size(), plural(tests.size()), time,
                           base::join(failures, ", "));
    }
    const std::string skips = skipped > 0 ? fmt::format(", {} skipped", skipped) : "";
    const std::string counted =
        checks > 0 ? fmt::format(" with {}", describe(Checks{.passed = checks})) : "";
    return fmt::format("{} passed{}{} in {}", plural(passed), counted, skips, time);
}

}  // namespace ccci::recipe
