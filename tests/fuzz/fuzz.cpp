#include "fuzz/fuzz.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::fuzz {

void require(bool holds, std::string_view property, std::string_view shown) {
    if (holds) {
        return;
    }
    (void)std::fprintf(stderr, "does not hold: %s\n  for: %s\n", std::string{property}.c_str(),
                       base::printable(shown, 1000).c_str());
    std::abort();
}

std::uint8_t take_byte(std::string_view& input) {
    if (input.empty()) {
        return 0;
    }
    const auto byte = static_cast<std::uint8_t>(input.front());
    input.remove_prefix(1);
    return byte;
}

std::string take_line(std::string_view& input) {
    const std::size_t end = input.find('\n');
    std::string line{input.substr(0, end)};
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    return line;
}

bool is_printable(std::string_view text) {
    for (const char c : text) {
        if (c < 0x20 || c > 0x7e) {
            return false;
        }
    }
    return true;
}

FileOf::FileOf(std::string_view bytes)
    : fd_{::memfd_create("input", MFD_CLOEXEC)}, path_{"/proc/self/fd/" + std::to_string(fd_)} {
    base::write_all(fd_, bytes, "input");
}

FileOf::~FileOf() {
    (void)::close(fd_);
}

const std::string& scratch_directory() {
    struct Directory {
        Directory() {
            const bool in_memory = ::access("/dev/shm", W_OK) == 0;
            path = in_memory ? "/dev/shm/ccci-fuzz-XXXXXX" : "/tmp/ccci-fuzz-XXXXXX";
            require(::mkdtemp(path.data()) != nullptr, "a directory can be made", path);
        }
        Directory(const Directory&) = delete;
        Directory& operator=(const Directory&) = delete;
        ~Directory() {
            std::error_code ignored;
            std::filesystem::remove_all(path, ignored);
        }
        std::string path;
    };
    static const Directory k_directory;
    return k_directory.path;
}

}  // namespace ccci::fuzz

/// What libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ccci::fuzz::check({reinterpret_cast<const char*>(data), size});
    return 0;
}
