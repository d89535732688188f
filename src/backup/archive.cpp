#include "backup/archive.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <functional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "backup/tool.hpp"
#include "base/files.hpp"

namespace ccci::backup {

namespace {

namespace fs = std::filesystem;

/// "Some files differ": among them those that changed while they were read.
constexpr int k_files_changed = 1;

/// Runs tar with the directory as its descriptor 3 and the archive as 4: no name that it is given
/// can be taken for an option, another host or a link.
void run_tar(const std::string& what, std::vector<std::string> options, int directory, int archive,
             int worst_code = 0, const std::function<void(std::string_view)>& on_output = {}) {
    options.insert(options.begin(), {"tar", "--file=/proc/self/fd/4", "--numeric-owner", "--acls",
                                     "--xattrs", "--quoting-style=escape"});
    const ToolEnd end = run_tool({.argv = std::move(options),
                                  .environment = tool_environment(),
                                  .more = {{directory, 3}, {archive, 4}}},
                                 on_output);
    if (end.status.signal != 0 || end.status.code > worst_code) {
        throw std::runtime_error{fmt::format("{}: tar: {}", what, end.last_line)};
    }
}

/// Counts the lines that are names, which begin with "./"; what tar has to say does not.
class NameCounter {
public:
    explicit NameCounter(const std::string& marker) : marker_{"./" + marker} {}

    void read(std::string_view output) {
        for (const char c : output) {
            if (c != '\n') {
                line_ += c;
                continue;
            }
            contents_.entries += line_.starts_with("./") && line_ != "./" ? 1U : 0U;
            contents_.has_marker = contents_.has_marker || line_ == marker_;
            line_.clear();
        }
    }
    [[nodiscard]] const Contents& contents() const { return contents_; }

private:
    std::string marker_;
    std::string line_;
    Contents contents_;
};

}  // namespace

void create_archive(const Place& place, const Part& part, const fs::path& archive) {
    const base::UniqueFd file = base::open_file(archive, O_WRONLY | O_CREAT | O_EXCL, 0600);
    run_tar("back up " + describe(part),
            {"--create", "--format=posix", "--sparse", "--directory=/proc/self/fd/3",
             place.is_directory() ? "./" : "./" + place.file},
            place.directory.get(), file.get(), k_files_changed);
}

Contents read_archive(const fs::path& archive, const Part& part, const std::string& marker) {
    const base::UniqueFd file = base::open_file(archive, O_RDONLY);
    NameCounter counter{marker};
    run_tar("read the backup of " + describe(part), {"--list"}, file.get(), file.get(), 0,
            [&](std::string_view output) { counter.read(output); });
    return counter.contents();
}

void extract_archive(const fs::path& archive, const Part& part, const Place& place) {
    const base::UniqueFd file = base::open_file(archive, O_RDONLY);
    run_tar("restore " + describe(part),
            {"--extract", "--same-owner", "--same-permissions", "--xattrs-include=*",
             "--directory=/proc/self/fd/3"},
            place.directory.get(), file.get());
}

}  // namespace ccci::backup
