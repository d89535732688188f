#pragma once

#include <string>

#include "backup/labels.hpp"
#include "backup/place.hpp"

namespace ccci::backup {

/// A file of ours in a directory that is backed up. That it is back after a restore proves that the
/// restore brought something back, whatever the recipe's own tests look at.
struct Marker {
    std::string name;
    std::string content;

    /// With a content that cannot be guessed.
    static Marker make(const std::string& run_id);
};

/// Each takes a place that is a directory, and throws std::system_error.
void put_marker(const Marker& marker, const Place& place, const Part& part);
bool is_there(const Marker& marker, const Place& place, const Part& part);
/// One that is not there is fine.
void remove_marker(const Marker& marker, const Place& place, const Part& part);

}  // namespace ccci::backup
