#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace ccci::harness {

/// The cgroup v2 directory of this process; nullopt when there is none to be seen.
std::optional<std::filesystem::path> own_cgroup();

/// How often the kernel's OOM killer was at work in that cgroup (memory.events, oom_kill); 0 when
/// the memory controller is not there.
std::uint64_t oom_kills(const std::filesystem::path& cgroup);

}  // namespace ccci::harness
