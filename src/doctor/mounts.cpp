#include "doctor/mounts.hpp"

#include <cstdlib>
#include <memory>
#include <vector>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::doctor {

namespace {

/// White space and backslashes of a path are three octal digits there.
std::string unescape(const std::string& text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + 3 >= text.size()) {
            result += text[at];
            continue;
        }
        int code = 0;
        for (std::size_t digit = at + 1; digit <= at + 3; ++digit) {
            code = code * 8 + (text[digit] - '0');
        }
        result += static_cast<char>(code);
        at += 3;
    }
    return result;
}

bool is_below(const std::string& path, const std::string& point) {
    return point == "/" || path == point ||
           (path.starts_with(point) && path.at(point.size()) == '/');
}

}  // namespace

Mount find_mount(std::string_view mountinfo, const std::filesystem::path& path) {
    Mount found{"/", "unknown"};
    // The last of those with the longest point is on top.
    for (const std::string& line : base::split(mountinfo, '\n')) {
        const std::vector<std::string> fields = base::split(line, ' ');
        if (fields.size() < 10) {
            continue;
        }
        const std::string point = unescape(fields[4]);
        std::size_t dash = 6;  // optional fields come first
        while (dash + 1 < fields.size() && fields[dash] != "-") {
            ++dash;
        }
        if (dash + 1 < fields.size() && is_below(path.native(), point) &&
            point.size() >= found.point.size()) {
            found = {point, fields[dash + 1]};
        }
    }
    return found;
}

Mount mount_of(const std::filesystem::path& path) {
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    return find_mount(base::try_read_file("/proc/self/mountinfo").value_or(""),
                      error ? path : real);
}

}  // namespace ccci::doctor
