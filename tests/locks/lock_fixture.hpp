#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>
#include <string>
#include <variant>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "locks/domain_lock.hpp"
#include "support/temp_dir.hpp"

namespace ccci::locks {

/// Runs against the real kernel: every expectation is about what flock(2) does between processes,
/// which no fake can confirm.
class LockTest : public testing::Test {
protected:
    std::variant<DomainLock, Busy> acquire(const std::string& domain = k_domain) const {
        return DomainLock::try_acquire(dir_.path(), domain);
    }

    std::optional<DomainLock> try_acquire(const std::string& domain = k_domain) const {
        auto result = acquire(domain);
        if (auto* lock = std::get_if<DomainLock>(&result)) {
            return std::move(*lock);
        }
        return std::nullopt;
    }

    /// For a child: fails loudly when somebody else holds it.
    DomainLock must_acquire(const std::string& domain = k_domain) const {
        return std::get<DomainLock>(acquire(domain));
    }

    /// Everybody who is blocked on this file now, by inode alone: btrfs and overlayfs show another
    /// device in stat(2) than in /proc/locks.
    static int waiters_of(int fd) {
        struct stat info {};
        if (::fstat(fd, &info) != 0) {
            return -1;
        }
        const std::string inode = fmt::format(":{} ", info.st_ino);
        int waiters = 0;
        for (const std::string& line :
             base::split(base::try_read_file("/proc/locks").value_or(""), '\n')) {
            if (line.find("->") != std::string::npos && line.find(inode) != std::string::npos) {
                ++waiters;
            }
        }
        return waiters;
    }

    const Holder holder_{.run = "290",
                         .unit = "cc-ci-run-290.service",
                         .invocation = "",
                         .user = "root",
                         .since = base::parse_time("2026-03-01T09:22:30.125Z"),
                         .until = std::nullopt};
    static constexpr const char* k_domain = "a-000000.ci.example.net";
    test::TempDir dir_;
    std::filesystem::path path_ = lock_path(dir_.path(), k_domain);
};

}  // namespace ccci::locks
