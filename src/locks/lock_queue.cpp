#include "locks/lock_queue.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <memory>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::locks {

namespace {

namespace fs = std::filesystem;

struct TableLine {
    bool waits = false;
    pid_t pid = 0;
    std::string file;
};

/// "12: FLOCK  ADVISORY  WRITE 4711 00:19:1234 0 EOF", and who waits is indented and has an arrow:
/// "12:  -> FLOCK  ADVISORY  WRITE 4712 00:19:1234 0 EOF".
std::optional<TableLine> parse_line(std::string_view text) {
    std::vector<std::string> words = base::split(text, ' ');
    std::erase(words, "");
    TableLine line;
    if (words.size() > 1 && words[1] == "->") {
        line.waits = true;
        words.erase(words.begin() + 1);
    }
    if (words.size() != 8 || words[1] != "FLOCK") {
        return std::nullopt;
    }
    const std::string& pid = words[4];
    const auto [end, error] = std::from_chars(pid.data(), pid.data() + pid.size(), line.pid);
    if (error != std::errc{} || end != pid.data() + pid.size() || line.pid < 0) {
        return std::nullopt;
    }
    line.file = words[5];
    return line;
}

/// "1234" of "00:19:1234".
std::string_view inode_in(std::string_view file) {
    return file.substr(file.rfind(':') + 1);
}

}  // namespace

std::vector<LockQueue> parse_lock_table(const std::string& text) {
    std::vector<LockQueue> queues;
    for (const std::string& each : base::split(text, '\n')) {
        const std::optional<TableLine> line = parse_line(each);
        if (!line) {
            continue;
        }
        if (!line->waits) {
            queues.push_back({line->file, {}});
        } else if (!queues.empty() && queues.back().file == line->file) {
            queues.back().waiters.push_back(line->pid);
        }
    }
    return queues;
}

std::vector<LockQueue> read_lock_table() {
    return parse_lock_table(base::try_read_file("/proc/locks").value_or(""));
}

std::optional<std::string> locked_file(const std::string& fdinfo) {
    constexpr std::string_view k_label = "lock:";
    for (const std::string& each : base::split(fdinfo, '\n')) {
        if (!each.starts_with(k_label)) {
            continue;
        }
        const auto rest = base::trim(std::string_view{each}.substr(k_label.size()));
        if (const std::optional<TableLine> line = parse_line(rest); line && !line->waits) {
            return line->file;
        }
    }
    return std::nullopt;
}

std::string file_in_table(const struct stat& info) {
    return fmt::format("{:02x}:{:02x}:{}", major(info.st_dev), minor(info.st_dev), info.st_ino);
}

std::optional<fs::path> name_of_open_file(pid_t pid, const std::string& file,
                                          const fs::path& directory) {
    const std::unique_ptr<DIR, int (*)(DIR*)> open{
        ::opendir(fmt::format("/proc/{}/fd", pid).c_str()), ::closedir};
    if (!open) {
        return std::nullopt;
    }
    while (const dirent* entry = ::readdir(open.get())) {
        std::array<char, PATH_MAX> target;
        const ssize_t size =
            ::readlinkat(::dirfd(open.get()), entry->d_name, target.data(), target.size());
        if (size <= 0) {
            continue;
        }
        std::string name{target.data(), static_cast<std::size_t>(size)};
        constexpr std::string_view k_deleted = " (deleted)";
        if (name.ends_with(k_deleted)) {
            name.resize(name.size() - k_deleted.size());
        }
        struct stat info {};
        // Of what is in this directory the inode is enough; its device may be another in stat(2).
        if (fs::path{name}.parent_path() == directory &&
            ::fstatat(::dirfd(open.get()), entry->d_name, &info, 0) == 0 &&
            inode_in(file) == std::to_string(info.st_ino)) {
            return name;
        }
    }
    return std::nullopt;
}

}  // namespace ccci::locks
