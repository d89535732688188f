#include "backup/marker.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/files.hpp"
#include "base/os_error.hpp"

namespace ccci::backup {

Marker Marker::make(const std::string& run_id) {
    std::array<unsigned char, 16> bytes{};
    // So few are never given in part (getrandom(2)).
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        base::throw_errno(errno, "get random bytes");
    }
    return {"cc-ci-marker-" + run_id, fmt::format("{:02x}\n", fmt::join(bytes, ""))};
}

void put_marker(const Marker& marker, const Place& place, const Part& part) {
    const base::UniqueFd fd{::openat(place.directory.get(), marker.name.c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    struct stat owner {};
    // An app that goes through all of its files must be able to read this one, too.
    if (!fd || ::fstat(place.directory.get(), &owner) != 0 ||
        ::fchown(fd.get(), owner.st_uid, owner.st_gid) != 0) {
        base::throw_errno(errno, "create {} in {}", marker.name, describe(part));
    }
    base::write_all(fd.get(), marker.content, marker.name);
}

bool is_there(const Marker& marker, const Place& place, const Part& part) {
    const base::UniqueFd fd{::openat(place.directory.get(), marker.name.c_str(),
                                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!fd) {
        if (errno == ENOENT || errno == ELOOP) {
            return false;
        }
        base::throw_errno(errno, "open {} in {}", marker.name, describe(part));
    }
    std::string content(marker.content.size() + 1, '\0');
    const ssize_t n = ::read(fd.get(), content.data(), content.size());
    content.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return content == marker.content;
}

void remove_marker(const Marker& marker, const Place& place, const Part& part) {
    if (::unlinkat(place.directory.get(), marker.name.c_str(), 0) != 0 && errno != ENOENT) {
        base::throw_errno(errno, "remove {} from {}", marker.name, describe(part));
    }
}

}  // namespace ccci::backup
