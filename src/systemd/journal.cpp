#include "systemd/journal.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syslog.h>
#include <sys/un.h>

#include <string_view>
#include <system_error>

#include "base/files.hpp"
#include "systemd/journal_writer.hpp"

namespace ccci::systemd {

namespace {

/// More often than a journal is restarted in the time that it takes to say who we are.
constexpr int k_attempts = 10;
/// In milliseconds. A journal that takes nothing must not keep whoever has only a word to say.
constexpr int k_patience = 200;

base::UniqueFd connect_stream(const std::string& socket) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    socket.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    base::UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (fd &&
        ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        fd.reset();
    }
    return fd;
}

/// False when the journal went away in that moment: PID 1 holds its socket, so the next one listens
/// already.
bool try_send(const base::UniqueFd& fd, std::string_view text) {
    try {
        base::write_all(fd.get(), text, "journal stream");
        return true;
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::broken_pipe || error.code() == std::errc::connection_reset) {
            return false;
        }
        throw;
    }
}

}  // namespace

std::optional<base::UniqueFd> open_journal_stream(const std::string& identifier,
                                                  const std::string& unit,
                                                  const std::string& socket) {
    // What sd_journal_stream_fd(3) sends, which cannot name a unit and gives up the reading side:
    // identifier, unit (believed from root only), priority, level prefixes, forwarding to syslog,
    // to the kernel log and to the console.
    const std::string header = fmt::format("{}\n{}\n{}\n0\n0\n0\n0\n", identifier, unit, LOG_INFO);
    for (int attempt = 0; attempt < k_attempts; ++attempt) {
        base::UniqueFd fd = connect_stream(socket);
        if (!fd) {
            return std::nullopt;
        }
        if (try_send(fd, header)) {
            return fd;
        }
    }
    return std::nullopt;
}

void send_to_journal(const std::vector<std::string>& fields) {
    JournalWriter writer{{}};
    writer.add(fields);
    for (int attempt = 0; !writer.send() && attempt < k_attempts; ++attempt) {
        pollfd room{.fd = writer.fd(), .events = POLLOUT, .revents = 0};
        (void)::poll(&room, 1, k_patience);
    }
}

std::optional<base::UniqueFd> open_journal_barrier() {
    // An empty stream: the journal accepts it, reads it and finds its end, each in a turn, and one
    // datagram in each turn of the other socket.
    auto stream = open_journal_stream("cc-ci", "");
    if (stream) {
        (void)::shutdown(stream->get(), SHUT_WR);
    }
    return stream;
}

}  // namespace ccci::systemd
