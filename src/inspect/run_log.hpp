#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"
#include "inspect/found_run.hpp"
#include "systemd/journal_reader.hpp"

namespace ccci::inspect {

/// What one run says, from wherever that is kept, as it comes: the journal for a service, else a
/// file in the run directory. Lines may be of any length up to 64 KiB and hold any bytes.
class RunLog {
public:
    explicit RunLog(const FoundRun& run);
    RunLog(const RunLog&) = delete;
    RunLog& operator=(const RunLog&) = delete;
    ~RunLog() = default;

    /// Why nothing can be read, for people; empty: what there is can be.
    [[nodiscard]] const std::string& why_hidden() const { return why_hidden_; }

    /// The last lines, at most so many, or twice as many while a lot is being said.
    std::vector<std::string> last(std::size_t most);
    /// After last(): what has been said since, about that many lines at a time.
    std::vector<std::string> more(std::size_t most);

    /// Calls when there may be more. What cannot be watched is not: then nothing is ever called.
    void follow(event::Loop& loop, std::function<void()> on_more);

private:
    void open_file();
    void watch_file();
    std::vector<std::string> lines_of_file(std::size_t most);

    FoundRun run_;
    std::optional<systemd::JournalReader> journal_;
    base::UniqueFd file_;
    std::string begun_;  ///< a line of the file that is not over
    std::string why_hidden_;
    event::Loop* loop_ = nullptr;
    std::function<void()> on_more_;
    base::UniqueFd inotify_;
    event::Source source_;
};

}  // namespace ccci::inspect
