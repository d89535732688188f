#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "locks/domain_lock.hpp"

namespace ccci::locks {

/// The locks of several domains, by domain.
using LockSet = std::map<std::string, DomainLock>;

/// Takes the lock of each of these domains, in the order of their names: since everybody does, no
/// two can wait for each other. Waits in the kernel for as long as it takes; `tell` is called
/// before each wait. What was taken is freed when a later one is unusable. Throws as
/// DomainLock::try_acquire does.
LockSet acquire_all(const std::filesystem::path& directory, const std::set<std::string>& domains,
                    const std::function<void(const std::string& domain, const Busy& busy)>& tell);

}  // namespace ccci::locks
