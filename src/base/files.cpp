#include "base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "base/os_error.hpp"

namespace ccci::base {

namespace {

UniqueFd open_raw(const std::filesystem::path& path, int flags, mode_t mode) {
    for (;;) {
        UniqueFd fd{::open(path.c_str(), flags | O_CLOEXEC, mode)};
        if (fd || errno != EINTR) {
            return fd;
        }
    }
}

enum class Durability { of_process, of_host };

void replace_file(const std::filesystem::path& path, std::string_view text, mode_t mode,
                  Durability durability) {
    // The process id makes the temporary name this process's own; the one thread makes it unique.
    const std::filesystem::path temporary =
        path.parent_path() / fmt::format(".{}.{}", path.filename().native(), ::getpid());
    try {
        // Never what is there already: it may be a FIFO, which would make us wait, or a link to
        // some other file. One that an earlier process of our number left is in nobody's way.
        (void)::unlink(temporary.c_str());
        const UniqueFd fd = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
        if (::fchmod(fd.get(), mode) != 0) {
            throw_errno(errno, "chmod {}", temporary.native());
        }
        write_all(fd.get(), text, temporary.native());
        // Before the name: a file system may else keep the name and lose what is in it.
        if (durability == Durability::of_host && ::fsync(fd.get()) != 0) {
            throw_errno(errno, "sync {}", temporary.native());
        }
        if (::rename(temporary.c_str(), path.c_str()) != 0) {
            throw_errno(errno, "rename {} to {}", temporary.native(), path.native());
        }
    } catch (...) {
        (void)::unlink(temporary.c_str());
        throw;
    }
    if (durability == Durability::of_host) {
        sync_directory(path.parent_path());
    }
}

}  // namespace

UniqueFd open_file(const std::filesystem::path& path, int flags, mode_t mode) {
    UniqueFd fd = open_raw(path, flags, mode);
    if (!fd) {
        throw_errno(errno, "open {}", path.native());
    }
    return fd;
}

std::optional<UniqueFd> try_open_file(const std::filesystem::path& path, int flags, mode_t mode) {
    UniqueFd fd = open_raw(path, flags, mode);
    if (fd) {
        return fd;
    }
    if (errno == ENOENT || errno == ENOTDIR) {
        return std::nullopt;
    }
    throw_errno(errno, "open {}", path.native());
}

std::string read_all(int fd, std::string_view name, std::size_t limit) {
    std::string text;
    std::array<char, 16384> buffer;
    for (;;) {
        const ssize_t n = ::read(fd, buffer.data(), buffer.size());
        if (n > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(n));
            if (text.size() > limit) {
                throw_errno(EFBIG, "read {}", name);
            }
        } else if (n == 0) {
            return text;
        } else if (errno != EINTR) {
            throw_errno(errno, "read {}", name);
        }
    }
}

std::optional<std::string> try_read_file(const std::filesystem::path& path, std::size_t limit) {
    // O_NONBLOCK: opening a FIFO would wait for a writer, and whoever put it there need never come.
    const std::optional<UniqueFd> fd = try_open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!fd) {
        return std::nullopt;
    }
    struct stat info {};
    if (::fstat(fd->get(), &info) != 0) {
        throw_errno(errno, "stat {}", path.native());
    }
    if (!S_ISREG(info.st_mode)) {
        throw_errno(EINVAL, "read {}, which is no regular file", path.native());
    }
    return read_all(fd->get(), path.native(), limit);
}

void write_all(int fd, std::string_view data, std::string_view name) {
    while (!data.empty()) {
        const ssize_t n = ::write(fd, data.data(), data.size());
        if (n >= 0) {
            data.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno != EINTR) {
            throw_errno(errno, "write {}", name);
        }
    }
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text, mode_t mode) {
    replace_file(path, text, mode, Durability::of_process);
}

void write_file_durably(const std::filesystem::path& path, std::string_view text, mode_t mode) {
    replace_file(path, text, mode, Durability::of_host);
}

void sync_directory(const std::filesystem::path& directory) {
    const UniqueFd fd = open_file(directory, O_RDONLY | O_DIRECTORY);
    if (::fsync(fd.get()) != 0) {
        throw_errno(errno, "sync {}", directory.native());
    }
}

void sync_file_system(const std::filesystem::path& directory) {
    const UniqueFd fd = open_file(directory, O_RDONLY | O_DIRECTORY);
    if (::syncfs(fd.get()) != 0) {
        throw_errno(errno, "sync the file system of {}", directory.native());
    }
}

std::pair<UniqueFd, UniqueFd> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw_errno(errno, "create pipe");
    }
    return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

UniqueFd duplicate(int fd, int at_least) {
    UniqueFd copy{::fcntl(fd, F_DUPFD_CLOEXEC, at_least)};
    if (!copy) {
        throw_errno(errno, "duplicate descriptor {}", fd);
    }
    return copy;
}

}  // namespace ccci::base
