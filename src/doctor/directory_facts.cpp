#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/files.hpp"
#include "base/text.hpp"
#include "doctor/mounts.hpp"
#include "doctor/patient.hpp"
#include "health/directory_checks.hpp"

namespace ccci::doctor {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_mib = std::uint64_t{1} << 20;

/// Two descriptions of one file without a name: the second lock must be refused. Empty: it is.
std::string try_flock(const fs::path& directory) {
    std::string name = (directory / "cc-ci-doctor.XXXXXX").native();
    const base::UniqueFd first{::mkostemp(name.data(), O_CLOEXEC)};
    if (!first) {
        return fmt::format("make a file: {}", std::strerror(errno));
    }
    base::UniqueFd second{::open(name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};  // NOLINT
    (void)::unlink(name.c_str());
    if (!second) {
        return fmt::format("open a file: {}", std::strerror(errno));
    }
    if (::flock(first.get(), LOCK_EX | LOCK_NB) != 0) {
        return fmt::format("flock: {}", std::strerror(errno));
    }
    if (::flock(second.get(), LOCK_EX | LOCK_NB) == 0) {
        return "flock lets two in";
    }
    return "";
}

/// Of the directory, or of what it will be made in.
void look_at_space(health::DirectoryFacts& facts, const fs::path& path) {
    struct statvfs space {};
    if (::statvfs(path.c_str(), &space) != 0) {
        return;
    }
    facts.noexec = (space.f_flag & ST_NOEXEC) != 0;
    facts.read_only = (space.f_flag & ST_RDONLY) != 0;
    facts.size = static_cast<std::uint64_t>(space.f_blocks) * space.f_frsize;
    facts.free_bytes = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
    facts.inodes = space.f_files;
    facts.free_inodes = space.f_favail;
    const Mount mount = mount_of(path);
    facts.mount_point = mount.point;
    facts.file_system = mount.type;
}

health::DirectoryFacts look_at(const fs::path& path, bool locks) {
    health::DirectoryFacts facts;
    facts.path = path.native();
    struct stat info {};
    std::error_code error;
    facts.parent_exists = fs::is_directory(path.parent_path(), error);
    if (::stat(path.c_str(), &info) != 0) {
        if (errno != ENOENT) {
            facts.problem = std::strerror(errno);
        } else if (facts.parent_exists) {
            look_at_space(facts, path.parent_path());
        }
        return facts;
    }
    facts.exists = true;
    facts.is_directory = S_ISDIR(info.st_mode);
    facts.owner = info.st_uid;
    facts.mode = info.st_mode & 07777;
    facts.writable = ::access(path.c_str(), W_OK | X_OK) == 0;
    look_at_space(facts, path);
    if (locks && facts.is_directory && facts.writable) {
        facts.flock_problem = try_flock(path);
    }
    return facts;
}

}  // namespace

health::Checks look_at_directories(const Patient& patient) {
    const run::Config& config = patient.config;
    const unsigned uid = ::geteuid();
    health::Checks checks;
    const auto add = [&](const fs::path& path, const health::DirectoryNeeds& needs) {
        for (health::Check& check : judge_directory(look_at(path, needs.locks), needs)) {
            checks.push_back(std::move(check));
        }
    };
    add(config.lock_dir,
        {.name = "lock-dir",
         .key = "lock_dir",
         .why = "a domain is whose lock file is locked: where others may replace it, or flock does "
                "nothing, two runs deploy at one domain",
         .uid = uid,
         .locks = true,
         .volatile_wanted = true,
         .room = k_mib,
         .make_room = health::advice("see what fills it")});
    add(config.runs_dir, {.name = "runs-dir",
                          .key = "runs_dir",
                          .why = "each run has its record, its results and its trees there",
                          .uid = uid,
                          .made_if_missing = true,
                          .programs = true,
                          .room = 1024 * k_mib,
                          .make_room = health::command("cc-ci prune --older-than 7d")});
    add(config.state_dir, {.name = "state-dir",
                           .key = "state_dir",
                           .why = "the canonical states of warm apps are there",
                           .uid = uid,
                           .made_if_missing = true,
                           .shared = false,
                           .room = 256 * k_mib,
                           .make_room = health::command("cc-ci prune --older-than 7d")});
    return checks;
}

}  // namespace ccci::doctor
