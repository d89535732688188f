#include "locks/domain_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "base/fail_point.hpp"
#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/text.hpp"
#include "locks/lock_error.hpp"

namespace ccci::locks {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_prefix = "cc-ci-app-";
constexpr std::string_view k_suffix = ".lock";

/// Whether an operator gave this directory to the users of a group: root's, with the sticky bit,
/// for that group and nobody else. Root believes their lock files, as those of people who may
/// deploy anyway. Where everybody can make files, it believes nobody's but its own.
bool is_for_members(const fs::path& directory) {
    struct stat info {};
    return ::stat(directory.c_str(), &info) == 0 && info.st_uid == 0 &&
           (info.st_mode & (S_IWGRP | S_IWOTH | S_ISVTX)) == (S_IWGRP | S_ISVTX);
}

/// Refuses what is not plainly ours: a flock needs only an open descriptor, so a file that others
/// may open lets any user hold the domain for ever.
void check_ours(int fd, const fs::path& path) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) {
        base::throw_errno(errno, "stat lock file {}", path.native());
    }
    if (!S_ISREG(info.st_mode)) {
        throw LockError{
            fmt::format("lock file {} is not a regular file: remove it", path.native())};
    }
    if (info.st_uid != ::geteuid() && (::geteuid() != 0 || !is_for_members(path.parent_path()))) {
        throw LockError{
            fmt::format("lock file {} belongs to uid {}, not to us: remove it, unless a run of "
                        "that user has it",
                        path.native(), info.st_uid)};
    }
    if (info.st_nlink > 1) {
        // Where fs.protected_hardlinks is off, anybody can give a file of ours a name here, and
        // what is written about the holder would go into it.
        throw LockError{
            fmt::format("lock file {} is a hard link to another file: remove it", path.native())};
    }
    if ((info.st_mode & 077) != 0) {
        throw LockError{
            fmt::format("lock file {} has mode {:04o}, so others could hold it: "
                        "remove it, or chmod 600",
                        path.native(), info.st_mode & 07777)};
    }
}

[[noreturn]] void throw_open_error(int error, const fs::path& path) {
    if (error == ELOOP) {
        throw LockError{fmt::format("lock file {} is a symbolic link: remove it", path.native())};
    }
    if (error == EISDIR) {
        throw LockError{fmt::format("lock file {} is a directory: remove it", path.native())};
    }
    if (error == ENXIO) {  // a socket, or a device without a driver
        throw LockError{
            fmt::format("lock file {} is not a regular file: remove it", path.native())};
    }
    if (error == EACCES) {
        throw LockError{fmt::format("lock file {} cannot be opened: it belongs to somebody else",
                                    path.native())};
    }
    base::throw_errno(error, "open lock file {}", path.native());
}

/// O_NONBLOCK: a FIFO in our place must not stop us.
constexpr int k_flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK;

/// nullopt: it exists already.
std::optional<base::UniqueFd> try_create(const fs::path& path) {
    try {
        return base::open_file(path, k_flags | O_CREAT | O_EXCL, 0600);
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::file_exists) {
            return std::nullopt;
        }
        throw_open_error(error.code().value(), path);
    }
}

bool try_flock(int fd, const fs::path& path) {
    while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return false;
        }
        if (errno != EINTR) {
            base::throw_errno(errno, "lock {}", path.native());
        }
    }
    return true;
}

}  // namespace

void check_lock_dir(const fs::path& directory) {
    struct stat info {};
    if (::stat(directory.c_str(), &info) != 0) {
        if (errno == ENOENT) {
            throw LockError{
                fmt::format("lock directory {} does not exist: create it, or set "
                            "lock_dir in the configuration",
                            directory.native())};
        }
        base::throw_errno(errno, "stat lock directory {}", directory.native());
    }
    if (!S_ISDIR(info.st_mode)) {
        throw LockError{fmt::format("lock directory {} is not a directory", directory.native())};
    }
    if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
        throw LockError{
            fmt::format("lock directory {} belongs to uid {}, who could replace our "
                        "files: make it root's, for a group, with the sticky bit",
                        directory.native(), info.st_uid)};
    }
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (info.st_mode & S_ISVTX) == 0) {
        throw LockError{
            fmt::format("lock directory {} is writable by others without the sticky "
                        "bit: chmod +t it",
                        directory.native())};
    }
}

fs::path lock_path(const fs::path& directory, const std::string& domain) {
    return directory / fmt::format("{}{}{}", k_prefix, domain, k_suffix);
}

std::optional<std::string> domain_of(const fs::path& path) {
    const std::string name = path.filename().native();
    if (name.size() <= k_prefix.size() + k_suffix.size() || !name.starts_with(k_prefix) ||
        !name.ends_with(k_suffix)) {
        return std::nullopt;
    }
    return name.substr(k_prefix.size(), name.size() - k_prefix.size() - k_suffix.size());
}

std::variant<DomainLock, Busy> DomainLock::try_acquire(const fs::path& directory,
                                                       const std::string& domain) {
    const fs::path path = lock_path(directory, domain);
    for (;;) {
        std::optional<base::UniqueFd> fd = open_lock_file(path);
        const bool created = !fd;
        if (created) {
            fd = try_create(path);
            if (!fd) {
                continue;  // made by somebody else since
            }
        }
        base::fail_point("lock.opened");
        if (!try_flock(fd->get(), path)) {
            std::optional<Holder> holder = read_holder(fd->get());
            return Busy{std::move(*fd), path, std::move(holder)};
        }
        base::fail_point("lock.flocked");
        // The previous holder may have unlinked the file after our open(). A lock on the orphaned
        // inode excludes nobody: start over on the live path.
        if (is_at_path(fd->get(), path)) {
            const bool had_predecessor = !created && has_content(fd->get());
            return DomainLock{std::move(*fd), path, had_predecessor};
        }
    }
}

DomainLock DomainLock::adopt(base::UniqueFd fd, fs::path path) {
    return DomainLock{std::move(fd), std::move(path), false};
}

void DomainLock::write_holder(Holder holder) const {
    const std::optional<Holder> before = read_holder(fd_.get());
    holder.own_teardown |= before && before->own_teardown;
    const std::string line = encode(holder);
    base::fail_point("lock.before-holder");
    // First the line, then the cut: a reader takes the first line and never sees an empty file.
    if (::pwrite(fd_.get(), line.data(), line.size(), 0) != static_cast<ssize_t>(line.size()) ||
        ::ftruncate(fd_.get(), static_cast<off_t>(line.size())) != 0) {
        base::throw_errno(errno, "write lock file {}", path_.native());
    }
}

void DomainLock::share_with_programs() const {
    if (::fcntl(fd_.get(), F_SETFD, 0) != 0) {
        base::throw_errno(errno, "share lock file {}", path_.native());
    }
}

void DomainLock::leave() && {
    (void)::flock(fd_.get(), LOCK_UN);
    base::fail_point("lock.unlocked");
    fd_.reset();
}

void DomainLock::release() && {
    if (::unlink(path_.c_str()) != 0 && errno != ENOENT) {
        base::throw_errno(errno, "unlink lock file {}", path_.native());
    }
    base::fail_point("lock.unlinked");
    std::move(*this).leave();
}

void DomainLock::clear_holder() const {
    if (::ftruncate(fd_.get(), 0) != 0) {
        base::throw_errno(errno, "empty lock file {}", path_.native());
    }
}

bool has_content(int fd) {
    struct stat info {};
    return ::fstat(fd, &info) == 0 && info.st_size > 0;
}

bool is_at_path(int fd, const fs::path& path) {
    struct stat ours {};
    struct stat there {};
    if (::fstat(fd, &ours) != 0) {
        base::throw_errno(errno, "stat lock file {}", path.native());
    }
    if (ours.st_nlink == 0 || ::lstat(path.c_str(), &there) != 0) {
        return false;
    }
    return ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

std::optional<base::UniqueFd> open_lock_file(const fs::path& path) {
    std::optional<base::UniqueFd> fd;
    try {
        fd = base::try_open_file(path, k_flags);
    } catch (const std::system_error& error) {
        throw_open_error(error.code().value(), path);
    }
    if (fd) {
        check_ours(fd->get(), path);
    }
    return fd;
}

std::optional<Holder> read_holder(int fd) {
    std::string text(4096, '\0');
    const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
    if (n <= 0) {
        return std::nullopt;
    }
    text.resize(static_cast<std::size_t>(n));
    return parse_holder(text);
}

int count_waiters(int fd) {
    struct stat info {};
    const std::optional<std::string> table = base::try_read_file("/proc/locks");
    if (!table || ::fstat(fd, &info) != 0) {
        return 0;
    }
    // "12: -> FLOCK  ADVISORY  WRITE 4711 00:19:1234 0 EOF"
    const std::string file =
        fmt::format(" {:02x}:{:02x}:{} ", major(info.st_dev), minor(info.st_dev), info.st_ino);
    int waiters = 0;
    for (const std::string& line : base::split(*table, '\n')) {
        if (line.find("->") != std::string::npos && line.find(file) != std::string::npos) {
            ++waiters;
        }
    }
    return waiters;
}

}  // namespace ccci::locks
