#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/process_under_test.hpp"

namespace ccci::test {

/// A step as the Drone exec runner runs it (runner-go's exec engine): `/bin/sh -e FILE` without a
/// process group, session or cgroup of its own; PATH and the given variables are its whole
/// environment; one pipe for stdout and stderr; and a cancel is SIGKILL to that shell alone, after
/// which its files are removed. `as_user` is what goes before a command line to have it run as
/// somebody else.
class DroneStep {
public:
    DroneStep(const std::filesystem::path& workspace, const std::vector<std::string>& commands,
              const std::vector<std::string>& variables, std::vector<std::string> as_user = {});

    /// What the runner does on cancel and on timeout.
    void cancel();

    ProcessUnderTest& shell() { return *shell_; }

private:
    std::filesystem::path workspace_;
    std::unique_ptr<ProcessUnderTest> shell_;
};

}  // namespace ccci::test
