#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"

namespace ccci::test {

/// A real git repository with a work tree, on the branch main.
class GitRepository {
public:
    explicit GitRepository(std::filesystem::path path) : path_{std::move(path)} {
        std::filesystem::create_directories(path_);
        git({"init", "--quiet", "--initial-branch=main"});
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    void write(const std::string& name, const std::string& text, mode_t mode = 0644) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        const base::UniqueFd fd = base::open_file(path_ / name, O_WRONLY | O_CREAT | O_TRUNC, mode);
        base::write_all(fd.get(), text, name);
    }

    /// Commits a file and returns the commit.
    std::string commit(const std::string& name, const std::string& text) const {
        write(name, text);
        git({"add", "--all"});
        git({"commit", "--quiet", "--message", "change " + name});
        return git({"rev-parse", "HEAD"});
    }

    std::string git(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "git");
        std::vector<std::string> environment = base::own_environment();
        for (const char* role : {"AUTHOR", "COMMITTER"}) {
            base::set_variable(environment, std::string{"GIT_"} + role + "_NAME", "m");
            base::set_variable(environment, std::string{"GIT_"} + role + "_EMAIL", "m@example.net");
        }
        base::set_variable(environment, "GIT_CONFIG_GLOBAL", "/dev/null");
        const base::Output output = base::run_and_capture(
            {.argv = arguments, .environment = environment, .directory = path_});
        if (!output.status.success()) {
            throw std::runtime_error{base::join(arguments, " ") + ": " + output.text};
        }
        return std::string{base::trim(output.text)};
    }

private:
    std::filesystem::path path_;
};

}  // namespace ccci::test
