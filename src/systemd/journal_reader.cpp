#include "systemd/journal_reader.hpp"

#include <systemd/sd-journal.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/os_error.hpp"

namespace ccci::systemd {

struct JournalReader::Handle {
    sd_journal* journal = nullptr;

    Handle() = default;
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { sd_journal_close(journal); }
};

namespace {

void check(int result, const char* attempted) {
    if (result < 0) {
        base::throw_errno(-result, "{}", attempted);
    }
}

}  // namespace

std::optional<JournalReader> JournalReader::open() {
    auto handle = std::make_unique<Handle>();
    if (sd_journal_open(&handle->journal, SD_JOURNAL_LOCAL_ONLY) < 0) {
        return std::nullopt;
    }
    return JournalReader{std::move(handle)};
}

JournalReader::JournalReader(std::unique_ptr<Handle> handle) : handle_{std::move(handle)} {}
JournalReader::JournalReader(JournalReader&&) noexcept = default;
JournalReader& JournalReader::operator=(JournalReader&&) noexcept = default;
JournalReader::~JournalReader() = default;

std::optional<std::chrono::system_clock::time_point> JournalReader::oldest() {
    sd_journal_flush_matches(handle_->journal);
    check(sd_journal_seek_head(handle_->journal), "read the journal");
    std::uint64_t microseconds = 0;
    if (sd_journal_next(handle_->journal) <= 0 ||
        sd_journal_get_realtime_usec(handle_->journal, &microseconds) < 0) {
        return std::nullopt;
    }
    return std::chrono::system_clock::time_point{std::chrono::microseconds{microseconds}};
}

void JournalReader::match(const std::vector<std::vector<std::string>>& alternatives) {
    sd_journal_flush_matches(handle_->journal);
    for (const std::vector<std::string>& fields : alternatives) {
        check(sd_journal_add_disjunction(handle_->journal), "search the journal");
        for (const std::string& field : fields) {
            check(sd_journal_add_match(handle_->journal, field.data(), field.size()),
                  "search the journal");
        }
    }
}

std::uint64_t JournalReader::count(std::uint64_t most) {
    check(sd_journal_seek_head(handle_->journal), "read the journal");
    std::uint64_t found = 0;
    while (found < most && sd_journal_next(handle_->journal) > 0) {
        ++found;
    }
    return found;
}

std::optional<std::string> JournalReader::message() const {
    const void* data = nullptr;
    std::size_t size = 0;
    constexpr std::string_view k_name = "MESSAGE=";
    if (sd_journal_get_data(handle_->journal, "MESSAGE", &data, &size) < 0 ||
        size < k_name.size()) {
        return std::nullopt;
    }
    return std::string{static_cast<const char*>(data) + k_name.size(), size - k_name.size()};
}

std::vector<std::string> JournalReader::last_messages(std::size_t most) {
    check(sd_journal_seek_tail(handle_->journal), "read the journal");
    std::vector<std::string> messages;
    const int skipped = sd_journal_previous_skip(handle_->journal, most);
    check(skipped, "read the journal");
    if (skipped == 0) {
        // Behind the tail, where it still is, the next entry would not be found.
        check(sd_journal_seek_head(handle_->journal), "read the journal");
        return most == 0 ? messages : more_messages(most);
    }
    if (auto first = message()) {
        messages.push_back(std::move(*first));
    }
    for (std::string& more : more_messages(most)) {
        messages.push_back(std::move(more));
    }
    return messages;
}

std::vector<std::string> JournalReader::more_messages(std::size_t most) {
    // Without this, a reader that follows would not see files that are new.
    (void)sd_journal_process(handle_->journal);
    std::vector<std::string> messages;
    while (messages.size() < most && sd_journal_next(handle_->journal) > 0) {
        if (auto next = message()) {
            messages.push_back(std::move(*next));
        }
    }
    return messages;
}

event::Source JournalReader::follow(event::Loop& loop, std::function<void()> on_more) {
    const int fd = sd_journal_get_fd(handle_->journal);
    check(fd, "watch the journal");
    return loop.on_io(fd, EPOLLIN,
                      [journal = handle_->journal, on_more = std::move(on_more)](std::uint32_t) {
                          // Entries that are no run's wake us, too.
                          if (sd_journal_process(journal) != SD_JOURNAL_NOP) {
                              on_more();
                          }
                      });
}

}  // namespace ccci::systemd
