#include "recipe/tier_tests.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/duration.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"

namespace ccci::recipe {

namespace fs = std::filesystem;

namespace {

/// automake's convention.
constexpr int k_skip_code = 77;

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

TestResult run_test(const TestFile& test, const std::vector<std::string>& environment) {
    const auto begin = std::chrono::steady_clock::now();
    TestResult result{.name = test.name,
                      .origin = test.origin,
                      .outcome = Outcome::fail,
                      .message = {},
                      .took = {}};
    std::variant<base::Child, base::CannotExecute> started =
        base::spawn({.argv = {test.path.native()},
                     .environment = environment,
                     .directory = test.path.parent_path(),
                     .err = STDOUT_FILENO,
                     .death_signal = SIGKILL});
    if (const auto* failure = std::get_if<base::CannotExecute>(&started)) {
        result.message = failure->reason;
    } else {
        const base::ExitStatus status = std::get<base::Child>(started).wait();
        if (status.success()) {
            result.outcome = Outcome::pass;
        } else if (status == base::ExitStatus{.code = k_skip_code, .signal = 0}) {
            result.outcome = Outcome::skip;
        } else {
            result.message = base::describe(status);
        }
    }
    result.took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begin);
    return result;
}

std::string describe_tests(const std::vector<TestResult>& tests) {
    std::chrono::microseconds took{};
    std::size_t passed = 0;
    std::size_t skipped = 0;
    std::vector<std::string> failures;
    for (const TestResult& test : tests) {
        took += test.took;
        passed += test.outcome == Outcome::pass ? 1U : 0U;
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
    return fmt::format("{} passed{} in {}", plural(passed), skips, time);
}

}  // namespace ccci::recipe
