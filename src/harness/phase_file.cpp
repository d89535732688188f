#include "harness/phase_file.hpp"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::harness {

namespace {

constexpr std::size_t k_longest_word = 32;
constexpr std::size_t k_longest_file = 4096;
/// Of events that are read at a time; what is left wakes the loop again.
constexpr int k_reads = 16;

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= k_longest_word &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

std::optional<std::string> try_read(const std::filesystem::path& path) {
    // Non-blocking, or the open waits for whoever writes into a FIFO.
    const base::UniqueFd fd{
        ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY)};
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return std::nullopt;
    }
    std::array<char, k_longest_file> buffer;
    const ssize_t n = ::pread(fd.get(), buffer.data(), buffer.size(), 0);
    if (n < 0) {
        return std::nullopt;
    }
    return std::string{buffer.data(), static_cast<std::size_t>(n)};
}

}  // namespace

std::vector<std::string> new_words(std::string_view content, std::string& seen) {
    const bool goes_on = seen.ends_with('\n') && content.starts_with(seen);
    const std::string_view fresh = content.substr(goes_on ? seen.size() : 0);
    std::vector<std::string> words;
    for (std::string& line : base::split(fresh, '\n')) {
        if (is_word(line)) {
            words.push_back(std::move(line));
        }
    }
    seen = content;
    return words;
}

PhaseFile::PhaseFile(std::filesystem::path path)
    : path_{std::move(path)}, watch_{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)} {
    // The directory, since the file may be replaced by another one.
    descriptor_ = ::inotify_add_watch(watch_.get(), path_.parent_path().c_str(),
                                      IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR);
    if (descriptor_ < 0) {
        watch_.reset();
    }
}

void PhaseFile::stop() {
    (void)::inotify_rm_watch(watch_.get(), std::exchange(descriptor_, -1));
}

std::vector<std::string> PhaseFile::take() {
    if (descriptor_ < 0 || !has_changed()) {
        return {};
    }
    const auto content = try_read(path_);
    return content ? new_words(*content, seen_) : std::vector<std::string>{};
}

bool PhaseFile::has_changed() const {
    const std::string name = path_.filename();
    bool changed = false;
    alignas(inotify_event) std::array<char, 4096> buffer;
    for (int round = 0; round < k_reads; ++round) {
        const ssize_t n = ::read(watch_.get(), buffer.data(), buffer.size());
        if (n <= 0) {
            break;
        }
        for (std::size_t at = 0; at < static_cast<std::size_t>(n);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char* about = buffer.data() + at + sizeof event;
            changed =
                changed || (event.mask & IN_Q_OVERFLOW) != 0 || (event.len > 0 && name == about);
            at += sizeof event + event.len;
        }
    }
    return changed;
}

}  // namespace ccci::harness
