#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "backup/labels.hpp"
#include "backup/marked_parts.hpp"

namespace ccci::backup {

/// The archives of one backup, in a directory of their own. Throws BackupError when it is the
/// recipe that is in the way, and std::runtime_error for the host.
class Snapshot {
public:
    /// Makes `directory` (0700), in place of any that is there.
    Snapshot(std::filesystem::path directory, const std::string& run_id);

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
    [[nodiscard]] const MarkedParts& marked() const { return marked_; }

    /// Puts the part away. `volume` is where the volume is on this host; `marked` leaves a marker
    /// in a directory first.
    void add(const Part& part, const std::filesystem::path& volume, bool marked);

    /// Reads all archives again: none is empty, and the markers are in there. Returns how many
    /// files and directories there are.
    [[nodiscard]] std::size_t check() const;

    /// Makes each part what it was: what is there now is removed first.
    void restore() const;

private:
    struct Saved {
        Part part;
        std::filesystem::path volume;
        std::filesystem::path archive;
        bool is_directory = false;
        bool marked = false;
    };

    std::filesystem::path directory_;
    MarkedParts marked_;
    std::vector<Saved> saved_;
};

}  // namespace ccci::backup
