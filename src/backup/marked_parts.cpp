#include "backup/marked_parts.hpp"

#include <optional>

namespace ccci::backup {

MarkedParts::MarkedParts(const std::string& run_id) : marker_{Marker::make(run_id)} {}

void MarkedParts::add(const Part& part, const std::filesystem::path& volume, const Place& place) {
    put_marker(marker_, place, part);
    parts_.push_back({part, volume});
}

void MarkedParts::remove() const {
    for (const Marked& marked : parts_) {
        const std::optional<Place> place = find_place(marked.volume, marked.part);
        if (place && place->is_directory()) {
            remove_marker(marker_, *place, marked.part);
        }
    }
}

std::vector<Part> MarkedParts::without_marker() const {
    std::vector<Part> parts;
    for (const Marked& marked : parts_) {
        const std::optional<Place> place = find_place(marked.volume, marked.part);
        if (!place || !place->is_directory() || !is_there(marker_, *place, marked.part)) {
            parts.push_back(marked.part);
        }
    }
    return parts;
}

}  // namespace ccci::backup
