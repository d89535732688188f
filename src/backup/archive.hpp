#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "backup/labels.hpp"
#include "backup/place.hpp"

namespace ccci::backup {

/// One part in a file of its own, by GNU tar, with everything that the kernel knows of its files:
/// numeric owners, modes, times, hard links, holes, extended attributes. Both throw
/// std::runtime_error when tar fails.

/// What is in an archive.
struct Contents {
    std::size_t entries = 0;  ///< without the directory itself
    bool has_marker = false;  ///< the file of this name is there
};

/// Writes the archive, readable for us alone; there must be no file of its name. Files that change
/// or vanish meanwhile are the app's business.
void create_archive(const Place& place, const Part& part, const std::filesystem::path& archive);

/// Reads all of it.
Contents read_archive(const std::filesystem::path& archive, const Part& part,
                      const std::string& marker);

/// Brings back what is in it; what else is in the place stays.
void extract_archive(const std::filesystem::path& archive, const Part& part, const Place& place);

}  // namespace ccci::backup
