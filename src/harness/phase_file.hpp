#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"

namespace ccci::harness {

/// The words of a phase file that were not there before: of its lines, those of at most 32
/// characters of [a-z0-9-]. `seen` is the content that was looked at last, and becomes this one. A
/// file that went on where it was counts from there, any other from its beginning.
std::vector<std::string> new_words(std::string_view content, std::string& seen);

/// The file in which a job says what it is at ($CCCI_PHASE_FILE), a word a line. The last line
/// counts; whoever appends to it rather than to write it anew has every word noticed, however
/// quickly the next one follows.
///
/// The job may make of the file what it likes: what is no regular file, and what comes after its
/// first 4 KiB, says nothing.
class PhaseFile {
public:
    /// Where the kernel has no watch to give, fd() is -1, and the job is not heard.
    explicit PhaseFile(std::filesystem::path path);

    /// Becomes readable when the file may have changed.
    [[nodiscard]] int fd() const { return watch_.get(); }

    /// What the job has said since the last call. What it wrote into a pipe after it had closed the
    /// file is not in that pipe before this call shows the word.
    std::vector<std::string> take();

    /// No more of it. The watch is given back here and closed by the destructor, because a close
    /// waits, for some 20 ms, until the kernel has done away with a watch that there was.
    void stop();

private:
    /// Whether one of the events is about the file.
    [[nodiscard]] bool has_changed() const;

    std::filesystem::path path_;
    base::UniqueFd watch_;
    int descriptor_ = -1;  ///< of the watch
    std::string seen_;
};

}  // namespace ccci::harness
