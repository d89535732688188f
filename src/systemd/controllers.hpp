#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "systemd/manager.hpp"

namespace ccci::systemd {

/// The cgroup controllers that a manager can limit its units with: systemd takes a limit without
/// its controller, and does nothing.
struct Controllers {
    std::filesystem::path file;  ///< where they are listed; empty: there is no cgroup v2
    std::vector<std::string> names;

    [[nodiscard]] bool has(const std::string& name) const;
};

/// Those of the manager's own cgroup, which for the system manager is the root of the hierarchy: a
/// user's manager has what was delegated to it. Throws ManagerError.
///
/// A controller that cgroup v1 has (the hybrid layout) does not count: the kernel tells of its OOM
/// kills in v2 only, so such a run would be taken for one that was killed.
Controllers controllers_of(Which which);

}  // namespace ccci::systemd
