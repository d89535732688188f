#include "backup/place.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "backup/backup_error.hpp"
#include "backup/tool.hpp"
#include "base/files.hpp"
#include "base/os_error.hpp"

namespace ccci::backup {

namespace {

namespace fs = std::filesystem;

constexpr int k_directory = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
/// The app may put a file into a directory that is just being emptied.
constexpr int k_attempts = 3;

base::UniqueFd open_volume(const fs::path& volume) {
    return base::open_file(volume, O_RDONLY | O_DIRECTORY);
}

/// nullopt: it is not there.
std::optional<base::UniqueFd> open_below(int root, const fs::path& path, int flags,
                                         const Part& part) {
    struct open_how how {};
    how.flags = static_cast<std::uint64_t>(flags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const fs::path name = path.empty() ? fs::path{"."} : path;
    for (;;) {
        const long fd = ::syscall(SYS_openat2, root, name.c_str(), &how, sizeof how);
        if (fd >= 0) {
            return base::UniqueFd{static_cast<int>(fd)};
        }
        switch (errno) {
            case EINTR:
            case EAGAIN:
                continue;
            case ENOENT:
            case ENOTDIR:
                return std::nullopt;
            case ELOOP:
            case EXDEV:
                throw BackupError{
                    fmt::format("{}: the path leads over a symbolic link, which is "
                                "not followed: name what it points to",
                                describe(part))};
            default:
                base::throw_errno(errno, "open {}", describe(part));
        }
    }
}

struct stat status_of(int fd, const Part& part) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) {
        base::throw_errno(errno, "stat {}", describe(part));
    }
    return info;
}

base::UniqueFd make_directory(const base::UniqueFd& root, const fs::path& path, const Part& part) {
    base::UniqueFd at = base::duplicate(root.get());
    for (const fs::path& name : path) {
        const struct stat parent = status_of(at.get(), part);
        const bool made = ::mkdirat(at.get(), name.c_str(), 0755) == 0;
        if (!made && errno != EEXIST) {
            base::throw_errno(errno, "create directory {}", describe(part));
        }
        std::optional<base::UniqueFd> next = open_below(at.get(), name, k_directory, part);
        if (!next) {
            throw BackupError{fmt::format("{}: a file is where a directory was", describe(part))};
        }
        if (made && ::fchown(next->get(), parent.st_uid, parent.st_gid) != 0) {
            base::throw_errno(errno, "chown {}", describe(part));
        }
        at = std::move(*next);
    }
    return at;
}

}  // namespace

std::optional<Place> find_place(const fs::path& volume, const Part& part) {
    const base::UniqueFd root = open_volume(volume);
    const std::optional<base::UniqueFd> there = open_below(root.get(), part.path, O_PATH, part);
    if (!there) {
        return std::nullopt;
    }
    const mode_t mode = status_of(there->get(), part).st_mode;
    if (!S_ISDIR(mode) && !S_ISREG(mode)) {
        throw BackupError{fmt::format("{}: neither a file nor a directory", describe(part))};
    }
    const fs::path directory = S_ISDIR(mode) ? part.path : part.path.parent_path();
    std::optional<base::UniqueFd> fd = open_below(root.get(), directory, k_directory, part);
    if (!fd) {
        return std::nullopt;
    }
    return Place{std::move(*fd), S_ISDIR(mode) ? "" : part.path.filename().native()};
}

Place make_place(const fs::path& volume, const Part& part, bool is_directory) {
    const base::UniqueFd root = open_volume(volume);
    const fs::path directory = is_directory ? part.path : part.path.parent_path();
    return {make_directory(root, directory, part),
            is_directory ? "" : part.path.filename().native()};
}

void clear(const Place& place, const Part& part) {
    if (!place.is_directory()) {
        if (::unlinkat(place.directory.get(), place.file.c_str(), 0) != 0 && errno != ENOENT) {
            base::throw_errno(errno, "remove {}", describe(part));
        }
        return;
    }
    // Not std::filesystem: it recurses, and the app decides how deep.
    const base::Command find{
        .argv = {"find", "/proc/self/fd/3/", "-ignore_readdir_race", "-mindepth", "1", "-delete"},
        .environment = tool_environment(),
        .more = {{place.directory.get(), 3}}};
    for (int attempt = 1;; ++attempt) {
        const ToolEnd end = run_tool(find);
        if (end.status.success()) {
            return;
        }
        if (attempt == k_attempts) {
            throw BackupError{
                fmt::format("empty {} before the restore: {}; if the app writes "
                            "there all the time, backupbot.restore.pre-hook must "
                            "stop it",
                            describe(part), end.last_line)};
        }
    }
}

}  // namespace ccci::backup
