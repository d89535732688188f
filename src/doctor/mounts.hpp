#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ccci::doctor {

struct Mount {
    std::string point;
    std::string type;  ///< "ext4", "tmpfs", "nfs4"
};

/// The mount that a path is on, by the text of /proc/self/mountinfo (proc(5)).
Mount find_mount(std::string_view mountinfo, const std::filesystem::path& path);
Mount mount_of(const std::filesystem::path& path);

}  // namespace ccci::doctor
