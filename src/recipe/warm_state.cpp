#include "recipe/warm_state.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "base/fail_point.hpp"
#include "base/files.hpp"
#include "base/os_error.hpp"
#include "naming/warm.hpp"

namespace ccci::recipe {

namespace fs = std::filesystem;

namespace {

constexpr const char* k_touched = "touched";
constexpr const char* k_state_prefix = "canonical-";

/// What is in here is deployed by root: nobody else may put it here.
void make_own_directory(const fs::path& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        base::throw_errno(errno, "create directory {}", path.native());
    }
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        base::throw_errno(errno, "stat {}", path.native());
    }
    const bool own = info.st_uid == ::geteuid() || info.st_uid == 0;
    if (!S_ISDIR(info.st_mode) || !own || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        throw std::runtime_error{
            fmt::format("{}: want a directory that nobody else can write to", path.native())};
    }
}

void remove_name(const fs::path& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        base::throw_errno(errno, "remove {}", path.native());
    }
}

}  // namespace

fs::path WarmState::current_directory() const {
    const fs::path name = fs::read_symlink(directory_ / naming::k_current);
    if (name.has_parent_path() || !name.native().starts_with(k_state_prefix)) {
        throw std::runtime_error{fmt::format("{}: leads to no canonical state",
                                             (directory_ / naming::k_current).native())};
    }
    return directory_ / name;
}

std::optional<WarmRecord> WarmState::current() const {
    if (fs::symlink_status(directory_ / naming::k_current).type() == fs::file_type::not_found) {
        return std::nullopt;
    }
    const fs::path file = current_directory() / "record.json";
    const std::optional<std::string> text = base::try_read_file(file);
    if (!text) {
        throw std::runtime_error{fmt::format("{}: is not there", file.native())};
    }
    try {
        return parse_warm_record(*text);
    } catch (const std::runtime_error& error) {
        throw std::runtime_error{fmt::format("{}: {}", file.parent_path().native(), error.what())};
    }
}

bool WarmState::is_touched() const {
    return fs::exists(directory_ / k_touched);
}

void WarmState::touch() const {
    const fs::path warm = directory_.parent_path();
    for (const fs::path& path : {warm.parent_path(), warm, directory_}) {
        make_own_directory(path);
    }
    (void)base::open_file(directory_ / k_touched, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);
    base::sync_directory(directory_);
    base::sync_directory(warm);
    base::fail_point("warm.touched");
}

void WarmState::untouch() const {
    base::fail_point("warm.restored");
    remove_others(current_directory());
    remove_name(directory_ / k_touched);
    base::sync_directory(directory_);
}

fs::path WarmState::make_candidate(const std::string& run_id) const {
    remove_others(current() ? current_directory() : fs::path{});
    for (int count = 1;; ++count) {
        // Run ids may come again, once the operator has removed old run directories.
        const std::string more = count == 1 ? "" : fmt::format("-{}", count);
        const fs::path path = directory_ / (k_state_prefix + run_id + more);
        if (::mkdir(path.c_str(), 0700) == 0) {
            return path;
        }
        if (errno != EEXIST) {
            base::throw_errno(errno, "create directory {}", path.native());
        }
    }
}

void WarmState::make_current(const fs::path& candidate, const WarmRecord& record) const {
    base::write_file_atomically(candidate / "record.json", to_text(record), 0600);
    base::sync_file_system(directory_);
    base::fail_point("warm.archived");
    const fs::path next = directory_ / "current.next";
    remove_name(next);
    fs::create_directory_symlink(candidate.filename(), next);
    fs::rename(next, directory_ / naming::k_current);
    base::sync_directory(directory_);
    base::fail_point("warm.switched");
    remove_others(candidate);
}

void WarmState::remove_others(const fs::path& kept) const {
    for (const auto& entry : fs::directory_iterator{directory_}) {
        const std::string name = entry.path().filename();
        if (name.starts_with(k_state_prefix) && entry.path() != kept) {
            fs::remove_all(entry.path());
        }
    }
}

void WarmState::abandon() const {
    remove_name(directory_ / naming::k_current);
    base::sync_directory(directory_);
}

void WarmState::remove() const {
    fs::remove_all(directory_);
}

fs::path WarmState::archive(const fs::path& state, std::size_t place) {
    return state / fmt::format("volume-{}.tar", place + 1);
}

}  // namespace ccci::recipe
