#include "systemd/journal_writer.hpp"

#include <fmt/format.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/os_error.hpp"
#include "systemd/journal_entry.hpp"

namespace ccci::systemd {

namespace {

/// So much is packed at a time.
constexpr std::size_t k_packed = 32 * 1024;
/// Of a value that is no line.
constexpr std::size_t k_longest_value = 16 * 1024;
/// More often than a journal is restarted between a connect(2) and a send(2).
constexpr int k_tries = 3;

/// Of a line of that length, without its end.
std::size_t entries_of(std::size_t length) {
    return (length + k_longest_line - 1) / k_longest_line;
}

/// What follows the heading, such as the time, is a word of its own.
bool is_heading(std::string_view line, std::string_view heading) {
    return line.starts_with(heading) &&
           (line.size() == heading.size() || line[heading.size()] == ' ');
}

}  // namespace

std::string encode_fields(const std::vector<std::string>& fields) {
    std::string entry;
    for (const std::string& field : fields) {
        const std::size_t equals = field.find('=');
        append_field(entry, std::string_view{field}.substr(0, equals),
                     std::string_view{field}.substr(equals + 1, k_longest_value));
    }
    return entry;
}

JournalWriter::JournalWriter(const std::vector<std::string>& fields, const std::string& socket)
    : socket_{socket},
      fd_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)},
      common_{encode_fields(fields) + "SYSLOG_IDENTIFIER=cc-ci\n"} {
    if (!fd_) {
        base::throw_errno(errno, "create a socket for the journal");
    }
}

void JournalWriter::write(Stream stream, std::string_view bytes) {
    if (!bytes.empty()) {
        count_lines(stream == Stream::out ? open_out_ : open_err_, bytes);
        push({stream == Stream::out ? Kind::out : Kind::err, std::string{bytes}});
    }
}

void JournalWriter::count_lines(std::size_t& open, std::string_view bytes) {
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos;
         end = bytes.find('\n')) {
        entries_ += std::max<std::size_t>(1, entries_of(open + end));
        open = 0;
        bytes.remove_prefix(end + 1);
    }
    open += bytes.size();
}

void JournalWriter::end_lines() {
    for (std::size_t* open : {&open_out_, &open_err_}) {
        entries_ += entries_of(std::exchange(*open, 0));
    }
    push({Kind::end, ""});
}

void JournalWriter::add(const std::vector<std::string>& fields) {
    ++entries_;
    push({Kind::entry, encode_fields(fields)});
}

void JournalWriter::expect_tier(const std::string& tier, const std::vector<std::string>& fields) {
    ++entries_;
    push({Kind::expect, encode_fields(fields), tier});
}

void JournalWriter::settle_tiers() {
    push({Kind::settle, ""});
}

void JournalWriter::push(Item item) {
    pending_ += item.text.size();
    items_.push_back(std::move(item));
}

bool JournalWriter::send() {
    for (int attempt = 0;;) {
        if (sizes_.empty()) {
            pack();
        }
        if (sizes_.empty()) {
            return true;
        }
        const bool listening = connected_ || connect();
        const ssize_t n =
            listening ? ::send(fd_.get(), packed_.data() + begin_, sizes_.front(), MSG_NOSIGNAL)
                      : -1;
        if (n < 0 && listening && (errno == EAGAIN || errno == ENOBUFS)) {
            return false;
        }
        if (n < 0 && listening && errno == EINTR) {
            continue;
        }
        if (n < 0 && listening && errno != EMSGSIZE && ++attempt < k_tries) {
            connected_ = false;  // another socket is at the path by now, or none
            continue;
        }
        attempt = 0;
        sent_ += n < 0 ? 0 : 1;
        begin_ += sizes_.front();
        sizes_.pop_front();
    }
}

bool JournalWriter::connect() {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    socket_.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    connected_ =
        ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    return connected_;
}

bool JournalWriter::is_unread() const {
    int bytes = 0;
    return connected_ && ::ioctl(fd_.get(), SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

void JournalWriter::pack() {
    packed_.clear();
    begin_ = 0;
    entry_end_ = 0;
    while (packed_.size() < k_packed && !items_.empty()) {
        Item& item = items_.front();
        take(item);
        if (taken_ < item.text.size()) {
            return;
        }
        pending_ -= item.text.size();
        taken_ = 0;
        items_.pop_front();
    }
}

void JournalWriter::take(Item& item) {
    switch (item.kind) {
        case Kind::out:
        case Kind::err:
            take_lines(item.kind, item.text);
            return;
        case Kind::end:
            for (LineSplitter* splitter : {&out_, &err_}) {
                if (const auto line = splitter->rest()) {
                    add_line(*line);
                }
            }
            break;
        case Kind::entry:
            add_entry(item.text);
            break;
        case Kind::expect:
            expected_.push_back({item.tier, fmt::format("== {} ==", item.tier), item.text});
            break;
        case Kind::settle:
            begin_tiers(expected_.size());
            break;
    }
    taken_ = item.text.size();
}

void JournalWriter::take_lines(Kind kind, std::string& text) {
    LineSplitter& splitter = kind == Kind::out ? out_ : err_;
    std::string_view left = std::string_view{text}.substr(taken_);
    while (packed_.size() < k_packed) {
        const auto line = splitter.next(left);
        if (!line) {
            break;
        }
        if (kind == Kind::out && !expected_.empty()) {
            const auto begun = std::find_if(
                expected_.begin(), expected_.end(),
                [&](const Expected& expected) { return is_heading(*line, expected.heading); });
            begin_tiers(begun == expected_.end()
                            ? 0
                            : static_cast<std::size_t>(begun - expected_.begin()) + 1);
        }
        add_line(*line);
    }
    taken_ = text.size() - left.size();
}

void JournalWriter::begin_tiers(std::size_t count) {
    for (std::size_t n = 0; n < count; ++n) {
        tier_.clear();
        append_field(tier_, "CC_CI_TIER", expected_[n].tier);
        add_entry(expected_[n].entry);
    }
    expected_.erase(expected_.begin(), expected_.begin() + static_cast<std::ptrdiff_t>(count));
}

void JournalWriter::add_line(std::string_view line) {
    append_field(packed_, "MESSAGE", line);
    add_entry("PRIORITY=6\n");
}

void JournalWriter::add_entry(std::string_view fields) {
    packed_ += fields;
    packed_ += common_;
    packed_ += tier_;
    packed_ += '\n';
    // The protocol would take several entries in a datagram; systemd 257 keeps the first alone.
    sizes_.push_back(packed_.size() - entry_end_);
    entry_end_ = packed_.size();
}

}  // namespace ccci::systemd
