#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ccci::locks {

/// A file that somebody has locked with flock(2), and the processes that are blocked on it.
struct LockQueue {
    std::string file;            ///< device and inode as the kernel has them: "00:19:1234"
    std::vector<pid_t> waiters;  ///< whom it serves first comes first; 0: in another container

    bool operator==(const LockQueue&) const = default;
};

/// Reads the text of /proc/locks (proc(5)). Lines that are not understood are passed over.
///
/// Its order is the kernel's: each exclusive flock that cannot be had is hung below the last one
/// that waits already (linux, fs/locks.c: __locks_insert_block), and they are printed from the top
/// down. So it is since Linux 5.12; older ones print the first only.
std::vector<LockQueue> parse_lock_table(const std::string& text);

/// What the kernel knows now. In a container, a lock whose taker is dead is not in it, nor are
/// those who wait for that lock: whoever gets a lock after waiting leaves such a one, since the
/// process that waited ends then.
std::vector<LockQueue> read_lock_table();

/// The same in what /proc/<pid>/fdinfo/<fd> says of a locked file; nullopt: there is no flock.
std::optional<std::string> locked_file(const std::string& fdinfo);

/// As the table names a file, except where stat(2) shows another device than the kernel's (btrfs,
/// overlayfs).
std::string file_in_table(const struct stat& info);

/// Under which name in `directory` that process has this file of the table open, whether that name
/// is still there or not. nullopt: it has not, or we may not look.
std::optional<std::filesystem::path> name_of_open_file(pid_t pid, const std::string& file,
                                                       const std::filesystem::path& directory);

}  // namespace ccci::locks
