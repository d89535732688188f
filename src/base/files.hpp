#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.hpp"

namespace ccci::base {

/// open(2) for every caller in the tree: always close-on-exec, never EINTR.
/// Throws std::system_error.
UniqueFd open_file(const std::filesystem::path& path, int flags, mode_t mode = 0);

/// The same, but a file that is not there is an outcome. Throws on everything else.
std::optional<UniqueFd> try_open_file(const std::filesystem::path& path, int flags,
                                      mode_t mode = 0);

/// Reads from the current offset to the end. Throws std::system_error, also (EFBIG) when there is
/// more than `limit` bytes.
std::string read_all(int fd, std::string_view name, std::size_t limit = std::size_t{1} << 24);

/// Reads a whole file; nullopt when it does not exist. Never waits: what is no regular file (a
/// FIFO, a directory, a device) is an error.
std::optional<std::string> try_read_file(const std::filesystem::path& path,
                                         std::size_t limit = std::size_t{1} << 24);

/// Writes all of `data` to a blocking descriptor. Throws std::system_error.
void write_all(int fd, std::string_view data, std::string_view name);

/// Replaces the file as a whole: a reader sees the old text or the new one, also after a crash of
/// this process. Not synced to disk: a host crash may lose the newest version.
void write_file_atomically(const std::filesystem::path& path, std::string_view text, mode_t mode);

/// The same, and when it returns the new text survives a crash of the host.
void write_file_durably(const std::filesystem::path& path, std::string_view text, mode_t mode);

/// From now on this survives a crash of the host: the names in the directory, or everything on the
/// file system that it is on. Both throw std::system_error.
void sync_directory(const std::filesystem::path& directory);
void sync_file_system(const std::filesystem::path& directory);

/// A pair of connected, close-on-exec pipe ends: {read, write}.
std::pair<UniqueFd, UniqueFd> make_pipe();

/// A copy of the descriptor, close-on-exec, with a number of `at_least` or more.
UniqueFd duplicate(int fd, int at_least = 3);

}  // namespace ccci::base
