#include "dashboard/public_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <system_error>

#include "base/files.hpp"

namespace ccci::dashboard {

namespace {

std::optional<base::UniqueFd> open_public_file(const run::RunDir& dir, const char* name) {
    const auto owner = dir.owner();
    if (!owner) {
        return std::nullopt;
    }
    try {
        // Neither a link at its end nor a FIFO without a writer is waited for.
        auto fd =
            base::try_open_file(dir.path() / name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
        struct stat info {};
        const bool is_public = fd && ::fstat(fd->get(), &info) == 0 && S_ISREG(info.st_mode) &&
                               (info.st_mode & S_IROTH) != 0 && info.st_uid == *owner;
        return is_public ? std::move(fd) : std::nullopt;
    } catch (const std::system_error&) {
        return std::nullopt;
    }
}

}  // namespace

std::optional<std::string> read_public_file(const run::RunDir& dir, const char* name,
                                            std::size_t limit) {
    const auto fd = open_public_file(dir, name);
    if (!fd) {
        return std::nullopt;
    }
    try {
        return base::read_all(fd->get(), name, limit);
    } catch (const std::system_error&) {
        return std::nullopt;  // larger than that, or the disk is broken
    }
}

bool has_public_file(const run::RunDir& dir, const char* name) {
    return open_public_file(dir, name).has_value();
}

}  // namespace ccci::dashboard
