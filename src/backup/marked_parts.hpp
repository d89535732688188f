#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backup/labels.hpp"
#include "backup/marker.hpp"
#include "backup/place.hpp"

namespace ccci::backup {

/// The parts that have a marker of one run: what must be back after a restore, whoever made the
/// backup. Throws std::system_error, and BackupError as find_place() does.
class MarkedParts {
public:
    explicit MarkedParts(const std::string& run_id);

    [[nodiscard]] const std::string& marker_name() const { return marker_.name; }
    [[nodiscard]] bool empty() const { return parts_.empty(); }

    /// Puts the marker into `place`, a directory, which is where `part` is in `volume`.
    void add(const Part& part, const std::filesystem::path& volume, const Place& place);

    /// Takes the markers away, so that only a restore can bring them back.
    void remove() const;

    /// The parts whose marker is not there.
    [[nodiscard]] std::vector<Part> without_marker() const;

private:
    struct Marked {
        Part part;
        std::filesystem::path volume;
    };

    Marker marker_;
    std::vector<Marked> parts_;
};

}  // namespace ccci::backup
