#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/file.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/process.hpp"
#include "locks/domain_lock.hpp"
#include "run/run_dir.hpp"
#include "support/manager.hpp"
#include "support/process_under_test.hpp"
#include "support/temp_dir.hpp"

namespace ccci::test {

/// Uses `cc-ci` as a Drone step does: the real program, real processes, and whatever manager()
/// names to carry the run.
class Scenario : public testing::Test {
protected:
    static constexpr const char* k_domain = "demo-0a1b2c.ci.localhost";

    void SetUp() override {
        std::filesystem::create_directory(locks_);
        ::setenv("CCCI_RUNS_DIR", runs_.c_str(), 1);
        ::setenv("CCCI_APP_LOCK_DIR", locks_.c_str(), 1);
        ::setenv("MARKS", marks_.c_str(), 1);
        ::unsetenv("DRONE_BUILD_NUMBER");
        std::filesystem::create_directory(marks_);
    }

    /// "cc-ci run --manager M <options> -- sh -c <script>"
    static std::vector<std::string> run_argv(std::vector<std::string> options,
                                             const std::string& script) {
        std::vector<std::string> argv{CCCI_PROGRAM, "run", "--manager", test::manager()};
        argv.insert(argv.end(), options.begin(), options.end());
        argv.insert(argv.end(), {"--", "sh", "-c", script});
        return argv;
    }

    /// The same with the domain, and a teardown that leaves the mark "torn-down".
    static std::vector<std::string> domain_argv(std::vector<std::string> options,
                                                const std::string& script) {
        options.insert(options.end(), {"--domain", k_domain, "--teardown",
                                       "echo torn down; touch $MARKS/torn-down"});
        return run_argv(std::move(options), script);
    }

    [[nodiscard]] bool has_mark(const std::string& name) const {
        return std::filesystem::exists(marks_ / name);
    }
    void remove_mark(const std::string& name) const { std::filesystem::remove(marks_ / name); }
    [[nodiscard]] std::string read_mark(const std::string& name) const {
        return base::try_read_file(marks_ / name).value_or("");
    }

    /// Looks, and changes nothing: no file is made, and the lock is let go at once.
    [[nodiscard]] bool is_lock_free() const {
        const auto fd = locks::open_lock_file(locks::lock_path(locks_, k_domain));
        return !fd || ::flock(fd->get(), LOCK_EX | LOCK_NB) == 0;
    }
    /// For after a step's end: systemd closes its copies of link and lock one after the other, and
    /// the step is gone with the first. Makes no file either.
    [[nodiscard]] bool becomes_lock_free() const {
        const std::string path = locks::lock_path(locks_, k_domain);
        return !std::filesystem::exists(path) ||
               base::run_and_capture(
                   {.argv = {"sh", "-c", "exec 9<\"$0\" && flock --timeout 5 9", path}})
                   .status.success();
    }
    [[nodiscard]] bool has_lock_file() const {
        return std::filesystem::exists(locks::lock_path(locks_, k_domain));
    }

    [[nodiscard]] std::optional<run::Record> record(const std::string& id) const {
        return run::RunDir::open(runs_ / id).read();
    }

    /// Blocks until the file can be read to its end: until whoever opens it for writing closes it.
    static std::string read_fifo(const std::filesystem::path& path) {
        const base::UniqueFd fd = base::open_file(path, O_RDONLY);
        return base::read_all(fd.get(), path.native());
    }

    TempDir dir_;
    std::filesystem::path runs_ = dir_.path() / "runs";
    std::filesystem::path locks_ = dir_.path() / "locks";
    std::filesystem::path marks_ = dir_.path() / "marks";
};

}  // namespace ccci::test
