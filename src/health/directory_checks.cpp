#include "health/directory_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace ccci::health {

namespace {

constexpr unsigned k_others_write = 022;
constexpr unsigned k_sticky = 01000;
constexpr std::uint64_t k_few_inodes = 10'000;
constexpr const char* k_space_why =
    "a run that cannot write what it has to has no record and no results";

std::string mode_for(const DirectoryNeeds& needs) {
    return needs.shared ? "0755" : "0750";
}

/// Where it is, whose, and who may write there; nullopt: nothing is to be said of that.
std::optional<Check> judge_owner(const DirectoryFacts& facts, const DirectoryNeeds& needs,
                                 const Subject& subject) {
    const std::string path = shell_word(facts.path);
    if (!facts.problem.empty()) {
        return subject.failed(fmt::format("{}: {}", facts.path, facts.problem),
                              advice(fmt::format("make {} accessible", facts.path)));
    }
    if (!facts.exists) {
        if (needs.made_if_missing && facts.parent_exists) {
            return subject.ok(fmt::format("{} will be made by the first run", facts.path));
        }
        return subject.failed(
            fmt::format("{} does not exist", facts.path),
            command(fmt::format("install --directory --mode={} {}", mode_for(needs), path)));
    }
    if (!facts.is_directory) {
        return subject.failed(fmt::format("{} is not a directory", facts.path),
                              advice(fmt::format("set \"{}\" in the configuration", needs.key)));
    }
    if (facts.owner != 0 && facts.owner != needs.uid) {
        return subject.failed(fmt::format("{} belongs to uid {}, who could replace our files",
                                          facts.path, facts.owner),
                              command(fmt::format("chown {} {}", needs.uid, path)));
    }
    const bool open = (facts.mode & k_others_write) != 0;
    if (open && !needs.shared) {
        return subject.failed(
            fmt::format("{} has mode {:04o}: others may write to it", facts.path, facts.mode),
            command(fmt::format("chmod go-w {}", path)));
    }
    if (open && (facts.mode & k_sticky) == 0) {
        return subject.failed(
            fmt::format("{} has mode {:04o}: others may replace our files", facts.path, facts.mode),
            command(fmt::format("chmod +t {}", path)));
    }
    return std::nullopt;
}

std::optional<Check> judge_use(const DirectoryFacts& facts, const DirectoryNeeds& needs,
                               const Subject& subject) {
    if (facts.read_only) {
        return subject.failed(
            fmt::format("{} is on a read-only file system", facts.path),
            command(fmt::format("mount -o remount,rw {}", shell_word(facts.mount_point))));
    }
    if (!facts.writable) {
        return subject.failed(
            fmt::format("uid {} may not write to {}", needs.uid, facts.path),
            needs.uid == 0
                ? advice(fmt::format("make {} writable for root", facts.path))
                : advice(fmt::format("as root: chgrp it to a group of the runner, chmod 1770 {} "
                                     "(docs/operations.md, \"A runner that is not root\")",
                                     facts.path)));
    }
    if (needs.locks && is_network_file_system(facts.file_system)) {
        return subject.failed(
            fmt::format("{} is on a network file system ({})", facts.path, facts.file_system),
            configuration(fmt::format("\"{}\": \"/run/lock\"", needs.key)));
    }
    if (needs.locks && !facts.flock_problem.empty()) {
        return subject.failed(fmt::format("{}: {}", facts.path, facts.flock_problem),
                              configuration(fmt::format("\"{}\": \"/run/lock\"", needs.key)));
    }
    if (needs.programs && facts.noexec) {
        return subject.warning(
            fmt::format("{} is mounted noexec", facts.mount_point),
            command(fmt::format("mount -o remount,exec {}", shell_word(facts.mount_point))));
    }
    if (needs.volatile_wanted && facts.file_system != "tmpfs") {
        return subject.warning(
            fmt::format("{} is on {}, so lock files outlive a reboot", facts.path,
                        facts.file_system),
            facts.path == "/run/lock"
                ? advice("have the host mount a tmpfs at /run")
                : configuration(fmt::format("\"{}\": \"/run/lock\"", needs.key)));
    }
    return std::nullopt;
}

Check judge_space(const DirectoryFacts& facts, const DirectoryNeeds& needs) {
    const Subject subject{needs.name + ".space", k_space_why};
    const bool counted = facts.inodes > 0;
    const std::string free = fmt::format(
        "{} of {} free at {}{}", size_text(facts.free_bytes), size_text(facts.size),
        facts.mount_point, counted ? fmt::format(", {} inodes", facts.free_inodes) : "");
    if (facts.free_bytes < needs.room / 16 || (counted && facts.free_inodes < k_few_inodes / 16)) {
        return subject.failed(free, needs.make_room);
    }
    if (facts.free_bytes < needs.room || (counted && facts.free_inodes < k_few_inodes)) {
        return subject.warning(free, needs.make_room);
    }
    return subject.ok(free);
}

}  // namespace

bool is_network_file_system(const std::string& type) {
    static constexpr std::array<std::string_view, 11> k_types{
        "nfs",  "nfs4", "cifs",       "smb3",           "smbfs",   "9p",
        "ceph", "afs",  "fuse.sshfs", "fuse.glusterfs", "virtiofs"};
    return std::ranges::count(k_types, type) > 0;
}

Checks judge_directory(const DirectoryFacts& facts, const DirectoryNeeds& needs) {
    const Subject subject{needs.name, needs.why};
    const Check space =
        facts.size > 0 ? judge_space(facts, needs)
                       : Subject{needs.name + ".space", k_space_why}.skipped("see " + needs.name);
    if (auto found = judge_owner(facts, needs, subject)) {
        return {std::move(*found), space};
    }
    if (auto found = judge_use(facts, needs, subject)) {
        return {std::move(*found), space};
    }
    const std::string owner = facts.owner == 0 ? "root's" : fmt::format("uid {}'s", facts.owner);
    return {subject.ok(fmt::format("{}: {}, mode {:04o}, {}{}", facts.path, owner, facts.mode,
                                   facts.file_system, needs.locks ? ", flock works" : "")),
            space};
}

}  // namespace ccci::health
