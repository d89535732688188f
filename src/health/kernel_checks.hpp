#pragma once

#include <cstdint>
#include <string>

#include "health/check.hpp"

namespace ccci::health {

/// What of the kernel a run needs, tried out.
struct KernelFacts {
    std::string release = {};
    bool pidfd = false;
    bool pidfd_signal = false;
    bool subreaper = false;
    bool inotify = false;  ///< an instance could be made
    std::uint64_t pid_max = 0;
    std::uint64_t processes = 0;      ///< that exist now, threads included
    std::uint64_t process_limit = 0;  ///< RLIMIT_NPROC of this user; zero: none
    std::uint64_t files = 0;
    std::uint64_t file_max = 0;
    std::uint64_t descriptor_limit = 0;  ///< RLIMIT_NOFILE, the hard one
    std::uint64_t inotify_instances = 0;
    std::uint64_t inotify_watches = 0;
    bool clock_known = false;
    bool clock_synchronised = false;
};

Checks judge_kernel(const KernelFacts& facts);

}  // namespace ccci::health
