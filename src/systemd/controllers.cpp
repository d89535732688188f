#include "systemd/controllers.hpp"

#include <linux/magic.h>
#include <sys/statfs.h>

#include <algorithm>
#include <optional>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::systemd {

namespace {

/// Where systemd itself looks, and nowhere else.
std::optional<std::filesystem::path> cgroup_root() {
    for (const char* path : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
        struct statfs info {};
        if (::statfs(path, &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC) {
            return path;
        }
    }
    return std::nullopt;
}

}  // namespace

bool Controllers::has(const std::string& name) const {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Controllers controllers_of(Which which) {
    const auto root = cgroup_root();
    if (!root) {
        return {};
    }
    std::string own = Manager::connect(which).control_group();
    own.erase(0, own.find_first_not_of('/'));
    Controllers controllers{.file = *root / own / "cgroup.controllers", .names = {}};
    if (const auto text = base::try_read_file(controllers.file)) {
        controllers.names = base::split(std::string{base::trim(*text)}, ' ');
    }
    return controllers;
}

}  // namespace ccci::systemd
