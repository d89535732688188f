#include "inspect/run_log.hpp"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "base/files.hpp"
#include "inspect/run_journal.hpp"

namespace ccci::inspect {

namespace {

/// Where the last lines of a file are surely in.
constexpr off_t k_tail = 256 * 1024;
/// As much as the journal's library gives of a message.
constexpr std::size_t k_longest_line = 64 * 1024;

}  // namespace

RunLog::RunLog(const FoundRun& run) : run_{run} {
    if (!run_.record.unit.ends_with(".service")) {
        open_file();
        return;
    }
    try {
        journal_ = systemd::JournalReader::open();
        if (journal_ && journal_->oldest()) {
            RunJournal{run_}.match(*journal_);
            return;
        }
    } catch (const std::system_error&) {
        // It says no more than that it cannot be read.
    }
    journal_.reset();
    why_hidden_ = "the journal of this host may not be read here";
}

std::vector<std::string> RunLog::last(std::size_t most) {
    try {
        if (journal_) {
            return journal_->last_messages(most);
        }
    } catch (const std::system_error&) {
        return {};
    }
    open_file();
    if (!file_) {
        return {};
    }
    const off_t end = ::lseek(file_.get(), 0, SEEK_END);
    const off_t begin = std::max<off_t>(0, end - k_tail);
    (void)::lseek(file_.get(), begin, SEEK_SET);
    begun_.clear();
    std::vector<std::string> lines = lines_of_file(k_tail);
    if (begin > 0 && !lines.empty()) {
        lines.erase(lines.begin());  // the end of one
    }
    if (lines.size() > most) {
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most));
    }
    return lines;
}

std::vector<std::string> RunLog::more(std::size_t most) {
    if (journal_) {
        return journal_->more_messages(most);
    }
    open_file();
    return file_ ? lines_of_file(most) : std::vector<std::string>{};
}

void RunLog::follow(event::Loop& loop, std::function<void()> on_more) {
    loop_ = &loop;
    on_more_ = std::move(on_more);
    if (!journal_) {
        watch_file();
        return;
    }
    try {
        source_ = journal_->follow(loop, on_more_);
    } catch (const std::system_error&) {
        source_.reset();
    }
}

void RunLog::open_file() {
    if (file_ || run_.record.unit.ends_with(".service")) {
        return;
    }
    try {
        auto fd = base::try_open_file(run_.dir.output_log(),
                                      O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
        struct stat info {};
        // Whatever else is in its place, under whatever name, is not the run's.
        if (fd && ::fstat(fd->get(), &info) == 0 && S_ISREG(info.st_mode) &&
            info.st_uid == run_.owner) {
            file_ = std::move(*fd);
            watch_file();
        }
    } catch (const std::system_error&) {
        why_hidden_ = "what this run says is in a file that only its owner may read";
    }
}

void RunLog::watch_file() {
    if (!file_ || loop_ == nullptr || source_) {
        return;
    }
    inotify_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!inotify_ || ::inotify_add_watch(inotify_.get(), run_.dir.output_log().c_str(),
                                         IN_MODIFY | IN_DONT_FOLLOW) < 0) {
        return;
    }
    source_ = loop_->on_io(inotify_.get(), EPOLLIN, [this](std::uint32_t) {
        std::array<char, 4096> events;
        while (::read(inotify_.get(), events.data(), events.size()) > 0) {
        }
        on_more_();
    });
}

std::vector<std::string> RunLog::lines_of_file(std::size_t most) {
    std::vector<std::string> lines;
    std::array<char, 16384> buffer;
    while (lines.size() < most) {
        const ssize_t n = ::read(file_.get(), buffer.data(), buffer.size());
        if (n <= 0) {
            break;
        }
        for (const char c : std::string_view{buffer.data(), static_cast<std::size_t>(n)}) {
            if (c == '\n') {
                lines.push_back(std::exchange(begun_, {}));
            } else if (begun_.size() < k_longest_line) {
                begun_ += c;
            }
        }
    }
    return lines;
}

}  // namespace ccci::inspect
