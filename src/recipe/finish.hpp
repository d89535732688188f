#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "platform/platform.hpp"

namespace ccci::recipe {

/// How the teardown after the job went: its report, or why there is none.
using Teardown = std::variant<platform::TeardownReport, std::string>;

/// How the teardown of a dependency went.
struct DependencyTeardown {
    std::string recipe;
    std::string domain = {};
    Teardown how = {};
    bool left_to_others = false;  ///< somebody else owns the domain by now; `how` says who

    /// There is nothing left to be done for this run.
    [[nodiscard]] bool is_done() const {
        const auto* report = std::get_if<platform::TeardownReport>(&how);
        return left_to_others || (report != nullptr && report->clean());
    }
};

/// Completes `<run dir>/results.json` after a teardown. After a second one, what they removed is
/// added up and the rest is as the last one found it. Where the job was killed before it could say
/// how it ended, the verdict becomes "unfinished". Does nothing when there is no such file, or not
/// a whole one. Throws std::system_error when it cannot be read or written, and nothing for what is
/// in it: a job may write anything there.
void finish_results(const std::filesystem::path& run_dir, const Teardown& teardown,
                    const std::vector<DependencyTeardown>& dependencies = {});

}  // namespace ccci::recipe
