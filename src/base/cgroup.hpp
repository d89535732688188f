#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace ccci::base {

/// The cgroup v2 directory that the process is in; nullopt when there is none to be seen.
std::optional<std::filesystem::path> cgroup_of(pid_t pid);

}  // namespace ccci::base
