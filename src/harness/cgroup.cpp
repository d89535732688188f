#include "harness/cgroup.hpp"

#include <sstream>
#include <string>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::harness {

std::optional<std::filesystem::path> own_cgroup() {
    // cgroups(7): the v2 line of /proc/self/cgroup is "0::/path".
    const auto memberships = base::try_read_file("/proc/self/cgroup");
    const auto mounts = base::try_read_file("/proc/self/mounts");
    if (!memberships || !mounts) {
        return std::nullopt;
    }
    std::string own;
    for (const std::string& line : base::split(*memberships, '\n')) {
        if (line.starts_with("0::/")) {
            own = line.substr(4);
        }
    }
    for (const std::string& line : base::split(*mounts, '\n')) {
        const std::vector<std::string> fields = base::split(line, ' ');
        if (fields.size() > 2 && fields[2] == "cgroup2") {
            return std::filesystem::path{fields[1]} / own;
        }
    }
    return std::nullopt;
}

std::uint64_t oom_kills(const std::filesystem::path& cgroup) {
    const auto text = base::try_read_file(cgroup / "memory.events");
    std::istringstream events{text.value_or("")};
    std::string key;
    std::uint64_t count = 0;
    while (events >> key >> count) {
        if (key == "oom_kill") {
            return count;
        }
    }
    return 0;
}

}  // namespace ccci::harness
