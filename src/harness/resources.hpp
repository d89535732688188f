#pragma once

#include <filesystem>

#include "run/resources.hpp"

namespace ccci::harness {

/// What a cgroup has used so far; without what its kernel or its systemd does not count. Never
/// throws.
run::Resources read_resources(const std::filesystem::path& cgroup);

/// The same of this process and the children that it has waited for, where they share their cgroup
/// with others: the time alone.
run::Resources own_resources();

}  // namespace ccci::harness
