#include "locks/lock_view.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <climits>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "base/text.hpp"
#include "locks/lock_queue.hpp"

namespace ccci::locks {

namespace {

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

Directory open_directory(const std::string& path) {
    return {::opendir(path.c_str()), ::closedir};
}

/// What an entry of /proc/<pid>/fd points at; nothing is asked of the file system behind it, which
/// may not answer.
std::string target_of(int directory, const char* name) {
    std::array<char, PATH_MAX> target;
    const ssize_t size = ::readlinkat(directory, name, target.data(), target.size());
    return {target.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

bool is_number(const char* name) {
    return std::isdigit(static_cast<unsigned char>(name[0])) != 0;
}

/// Empty: the process has ended, or closed it.
std::string read_if_there(const std::string& path) {
    try {
        return base::try_read_file(path).value_or("");
    } catch (const std::system_error&) {
        return "";
    }
}

/// Only a process of this user can have been given a lock file of this user.
bool is_ours(const std::string& process) {
    const std::string real_uid = fmt::format("Uid:\t{}\t", ::geteuid());
    return read_if_there(process + "/status").find(real_uid) != std::string::npos;
}

struct LockFile {
    struct stat info {};
    std::string name;
};

LockSight sight_in(const std::string& process, const LockFile& file) {
    const Directory descriptors = open_directory(process + "/fd");
    if (!descriptors) {
        return {errno == EACCES && is_ours(process) ? LockView::unknown : LockView::free, ""};
    }
    while (const dirent* entry = ::readdir(descriptors.get())) {
        const int directory = ::dirfd(descriptors.get());
        struct stat info {};
        if (target_of(directory, entry->d_name).find(file.name) == std::string::npos ||
            ::fstatat(directory, entry->d_name, &info, 0) != 0 || info.st_dev != file.info.st_dev ||
            info.st_ino != file.info.st_ino) {
            continue;
        }
        // "lock:	1: FLOCK  ADVISORY  WRITE 4711 00:19:1234 0 EOF"
        if (const auto locked =
                locked_file(read_if_there(fmt::format("{}/fdinfo/{}", process, entry->d_name)))) {
            return {LockView::held, *locked};
        }
    }
    return {LockView::free, ""};
}

}  // namespace

LockView view_lock(int fd) {
    return look_at_lock(fd).view;
}

LockSight look_at_lock(int fd) {
    LockFile file;
    const std::string path = target_of(AT_FDCWD, fmt::format("/proc/self/fd/{}", fd).c_str());
    file.name = path.substr(path.rfind('/') + 1);
    if (file.name.empty() || ::fstat(fd, &file.info) != 0) {
        base::throw_errno(errno, "stat lock file");
    }
    const Directory processes = open_directory("/proc");
    if (!processes) {
        return {LockView::unknown, ""};
    }
    LockSight seen{LockView::free, ""};
    while (const dirent* entry = ::readdir(processes.get())) {
        if (!is_number(entry->d_name)) {
            continue;
        }
        LockSight here = sight_in(fmt::format("/proc/{}", entry->d_name), file);
        if (here.view == LockView::held) {
            return here;
        }
        if (here.view == LockView::unknown) {
            seen = std::move(here);
        }
    }
    return seen;
}

}  // namespace ccci::locks
