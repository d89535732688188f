#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "backup/labels.hpp"
#include "base/unique_fd.hpp"

namespace ccci::backup {

/// Where a part is, on this host. What is in a volume is the app's: any name there may be a link to
/// anywhere, and may become one at any time. So a place is a descriptor that was reached from the
/// volume's root without following a link, and not a path.
struct Place {
    base::UniqueFd directory;  ///< the part itself, or the directory of a part that is a file
    std::string file;          ///< its name in there; empty: the part is the directory

    [[nodiscard]] bool is_directory() const { return file.empty(); }
};

/// nullopt: the volume has nothing there. Throws BackupError when a link, or something that is
/// neither a file nor a directory, is in the way; std::system_error when there is no such volume.
std::optional<Place> find_place(const std::filesystem::path& volume, const Part& part);

/// The same for a part that is to be brought back: what directories it lacks are made, with the
/// owner of the one above.
Place make_place(const std::filesystem::path& volume, const Part& part, bool is_directory);

/// Removes the file, or everything in the directory. Throws BackupError when the app keeps writing.
void clear(const Place& place, const Part& part);

}  // namespace ccci::backup
