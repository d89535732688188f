#include "doctor/throw_away_dir.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/files.hpp"
#include "base/os_error.hpp"

namespace ccci::doctor {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_prefix = "cc-ci-doctor.";

bool is_ours(const fs::path& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid();
}

void remove_abandoned(const fs::path& parent) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator{parent, error}) {
        if (!entry.path().filename().native().starts_with(k_prefix) || !is_ours(entry.path())) {
            continue;
        }
        try {
            const base::UniqueFd fd =
                base::open_file(entry.path(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
            if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
                fs::remove_all(entry.path(), error);
            }
        } catch (const std::system_error&) {
            // Somebody else was quicker.
        }
    }
}

}  // namespace

fs::path ThrowAwayDir::usual_parent() {
    if (::geteuid() == 0) {
        return "/run";
    }
    const fs::path own = fmt::format("/run/user/{}", ::geteuid());
    std::error_code error;
    return fs::is_directory(own, error) ? own : fs::path{"/tmp"};
}

ThrowAwayDir::ThrowAwayDir(const fs::path& parent) {
    remove_abandoned(parent);
    std::string name = (parent / k_prefix).native() + "XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
        base::throw_errno(errno, "make a directory in {}", parent.native());
    }
    path_ = name;
    // Between the two a doctor that starts now may take it for abandoned; ours then says that it
    // could not do its runs.
    lock_ = base::open_file(path_, O_RDONLY | O_DIRECTORY);
    (void)::flock(lock_.get(), LOCK_EX | LOCK_NB);
}

ThrowAwayDir::~ThrowAwayDir() {
    (void)remove();
}

bool ThrowAwayDir::remove() noexcept {
    std::error_code error;
    fs::remove_all(path_, error);
    return !fs::exists(path_, error) && !error;
}

}  // namespace ccci::doctor
