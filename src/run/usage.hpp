#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "run/resources.hpp"

namespace ccci::run {

/// What a cgroup (v2) has used so far, by its own files. What is not there, or is not understood,
/// is missing in the result.
Resources usage_of(const std::filesystem::path& cgroup);

/// The same of this process and the children that it has waited for, where they share their cgroup
/// with others: the time alone.
Resources own_usage();

/// What a cgroup uses in this moment.
struct Current {
    std::optional<std::uint64_t> memory;  ///< bytes
    std::optional<std::uint64_t> tasks;
};
Current current_of(const std::filesystem::path& cgroup);

}  // namespace ccci::run
