#pragma once

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/os_error.hpp"
#include "support/readiness.hpp"

namespace ccci::test {

/// Another program, started with nothing but posix_spawn(3): what it has of ours, it has because we
/// leaked it.
class SpawnedProgram {
public:
    explicit SpawnedProgram(std::vector<std::string> argv) {
        std::vector<char*> pointers;
        for (std::string& argument : argv) {
            pointers.push_back(argument.data());
        }
        pointers.push_back(nullptr);
        const int error =
            ::posix_spawnp(&pid_, pointers[0], nullptr, nullptr, pointers.data(), environ);
        if (error != 0) {
            base::throw_errno(error, "spawn {}", argv[0]);
        }
        // posix_spawn returns in the middle of the exec, when close-on-exec is still to be done;
        // the command line appears after that (linux, fs/exec.c, begin_new_exec).
        if (!eventually([&] {
                return base::try_read_file("/proc/" + std::to_string(pid_) + "/cmdline") != "";
            })) {
            throw std::runtime_error{"the spawned program never began"};
        }
    }
    SpawnedProgram(const SpawnedProgram&) = delete;
    SpawnedProgram& operator=(const SpawnedProgram&) = delete;
    ~SpawnedProgram() {
        (void)::kill(pid_, SIGKILL);
        (void)::waitpid(pid_, nullptr, 0);
    }

    [[nodiscard]] pid_t pid() const { return pid_; }

    /// Whether it has this file open.
    [[nodiscard]] bool has_open(const std::filesystem::path& path) const {
        const std::filesystem::path fds = "/proc/" + std::to_string(pid_) + "/fd";
        for (const auto& entry : std::filesystem::directory_iterator{fds}) {
            std::error_code closed_meanwhile;
            if (std::filesystem::read_symlink(entry.path(), closed_meanwhile) == path) {
                return true;
            }
        }
        return false;
    }

private:
    pid_t pid_ = 0;
};

}  // namespace ccci::test
