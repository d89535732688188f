#include "harness/journal_log.hpp"

#include "systemd/journal.hpp"

namespace ccci::harness {

std::vector<std::string> run_fields(const run::Record& record) {
    std::vector<std::string> fields{"CC_CI_RUN=" + record.run};
    if (!record.domain.empty()) {
        fields.push_back("CC_CI_DOMAIN=" + record.domain);
    }
    return fields;
}

JournalLog::JournalLog(event::Loop& loop, const std::vector<std::string>& fields,
                       std::function<void()> on_room)
    : loop_{loop}, on_room_{std::move(on_room)}, writer_{fields} {
    room_ = loop.on_io(writer_.fd(), EPOLLOUT, [this](std::uint32_t) { send(); });
    room_.enable(false);
}

void JournalLog::write(link::Kind kind, std::string_view bytes) {
    writer_.write(kind == link::Kind::err ? systemd::JournalWriter::Stream::err
                                          : systemd::JournalWriter::Stream::out,
                  bytes);
    send();
}

void JournalLog::end_lines() {
    writer_.end_lines();
    send();
}

void JournalLog::say(systemd::Event event, const std::string& message,
                     const std::vector<std::string>& more) {
    std::vector<std::string> fields = systemd::event_fields(event, message);
    fields.insert(fields.end(), more.begin(), more.end());
    writer_.add(fields);
    send();
}

void JournalLog::expect_tier(const std::string& tier) {
    writer_.expect_tier(tier, systemd::event_fields(systemd::Event::phase, "phase " + tier));
}

void JournalLog::settle_tiers() {
    writer_.settle_tiers();
    send();
}

void JournalLog::send() {
    const std::size_t before = writer_.pending();
    room_.enable(!writer_.send());
    if (before > k_limit / 2 && writer_.pending() <= k_limit / 2) {
        on_room_();
    }
}

bool JournalLog::is_finished() {
    if (finished_ || !writer_.is_idle()) {
        return finished_;
    }
    if (!barrier_end_) {
        // One datagram is read in each turn of the journal, so there may be many of these.
        read_before_ = !writer_.is_unread();
        barrier_ = systemd::open_journal_barrier();
        if (!barrier_) {
            finished_ = true;
            return true;
        }
        barrier_end_ = loop_.on_io(barrier_->get(), EPOLLIN, [this](std::uint32_t) {
            barrier_end_.reset();
            finished_ = read_before_;
        });
    }
    return false;
}

}  // namespace ccci::harness
