#pragma once

#include <cstdint>
#include <string>

#include "health/check.hpp"

namespace ccci::health {

/// A directory of the configuration, as it is.
struct DirectoryFacts {
    std::string path = {};
    std::string problem = {};  ///< it could not be looked at: errno's words; empty: it could
    bool exists = false;
    bool parent_exists = false;  ///< cc-ci makes the last part of some by itself
    bool is_directory = false;
    unsigned owner = 0;
    unsigned mode = 0;  ///< permission bits with the sticky bit
    bool writable = false;
    std::string mount_point = {};
    std::string file_system = {};  ///< "tmpfs", "ext4", "nfs4"
    bool noexec = false;
    bool read_only = false;
    std::uint64_t size = 0;        ///< bytes of the file system
    std::uint64_t free_bytes = 0;  ///< for us
    std::uint64_t inodes = 0;      ///< zero: it has no fixed number of them
    std::uint64_t free_inodes = 0;
    std::string flock_problem = {};  ///< empty: a flock was taken, and kept a second one out
};

/// What one directory must be.
struct DirectoryNeeds {
    std::string name = {};  ///< "lock-dir", of the check
    std::string key = {};   ///< "lock_dir", of the configuration
    std::string why = {};
    unsigned uid = 0;  ///< who asks
    bool made_if_missing = false;
    bool shared = true;  ///< may be writable for others, with the sticky bit
    bool locks = false;  ///< flock must work here
    bool volatile_wanted = false;
    bool programs = false;   ///< things are executed from here
    std::uint64_t room = 0;  ///< bytes below which it is a warning; a sixteenth fails
    Fix make_room = {};
};

/// The directory itself, and "<name>.space".
Checks judge_directory(const DirectoryFacts& facts, const DirectoryNeeds& needs);

bool is_network_file_system(const std::string& type);

}  // namespace ccci::health
