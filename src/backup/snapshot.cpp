#include "backup/snapshot.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <utility>

#include "backup/archive.hpp"
#include "backup/backup_error.hpp"
#include "backup/place.hpp"
#include "base/os_error.hpp"

namespace ccci::backup {

namespace {

namespace fs = std::filesystem;

void make_anew(const fs::path& directory) {
    fs::remove_all(directory);
    if (::mkdir(directory.c_str(), 0700) != 0) {
        base::throw_errno(errno, "create directory {}", directory.native());
    }
}

}  // namespace

Snapshot::Snapshot(fs::path directory, const std::string& run_id)
    : directory_{std::move(directory)}, marked_{run_id} {
    make_anew(directory_);
}

void Snapshot::add(const Part& part, const fs::path& volume, bool marked) {
    const std::optional<Place> place = find_place(volume, part);
    if (!place) {
        throw BackupError{
            fmt::format("{}: there is no such file or directory when the backup is "
                        "made, after backupbot.backup.pre-hook",
                        describe(part))};
    }
    const Saved saved{.part = part,
                      .volume = volume,
                      .archive = directory_ / fmt::format("{}.tar", saved_.size() + 1),
                      .is_directory = place->is_directory(),
                      .marked = marked && place->is_directory()};
    if (saved.marked) {
        marked_.add(part, volume, *place);
    }
    saved_.push_back(saved);
    create_archive(*place, part, saved.archive);
}

std::size_t Snapshot::check() const {
    std::size_t entries = 0;
    for (const Saved& saved : saved_) {
        const Contents contents = read_archive(saved.archive, saved.part, marked_.marker_name());
        if (contents.entries == 0) {
            throw BackupError{
                fmt::format("{}: the backup holds nothing of it", describe(saved.part))};
        }
        if (saved.marked && !contents.has_marker) {
            throw std::runtime_error{fmt::format("{}: the backup lacks {}", describe(saved.part),
                                                 marked_.marker_name())};
        }
        entries += contents.entries;
    }
    return entries;
}

void Snapshot::restore() const {
    for (const Saved& saved : saved_) {
        const Place place = make_place(saved.volume, saved.part, saved.is_directory);
        clear(place, saved.part);
        extract_archive(saved.archive, saved.part, place);
    }
}

}  // namespace ccci::backup
