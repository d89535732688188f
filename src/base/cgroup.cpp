#include "base/cgroup.hpp"

#include <fmt/format.h>

#include <string>
#include <system_error>
#include <vector>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::base {

std::optional<std::filesystem::path> cgroup_of(pid_t pid) try {
    const auto memberships = try_read_file(fmt::format("/proc/{}/cgroup", pid));
    const auto mounts = try_read_file("/proc/self/mounts");
    if (!memberships || !mounts) {
        return std::nullopt;
    }
    // cgroups(7): the line of v2 is "0::/path".
    std::optional<std::string> own;
    for (const std::string& line : split(*memberships, '\n')) {
        if (line.starts_with("0::/")) {
            own = line.substr(4);
        }
    }
    for (const std::string& line : split(*mounts, '\n')) {
        const std::vector<std::string> fields = split(line, ' ');
        if (own && fields.size() > 2 && fields[2] == "cgroup2") {
            return std::filesystem::path{fields[1]} / *own;
        }
    }
    return std::nullopt;
} catch (const std::system_error&) {
    return std::nullopt;  // ESRCH: it ended between open and read
}

}  // namespace ccci::base
