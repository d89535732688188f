#include "systemd/journal.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/syslog.h>
#include <sys/un.h>

#include <cstdint>
#include <string_view>
#include <system_error>

#include "base/files.hpp"

namespace ccci::systemd {

namespace {

/// A message fits one datagram, whatever a job calls itself.
constexpr std::size_t k_longest_value = 16 * 1024;
/// More often than a journal is restarted in the time that it takes to say who we are.
constexpr int k_attempts = 10;

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
    std::string message;
    for (const std::string& field : fields) {
        const std::size_t equals = field.find('=');
        const std::string_view name = std::string_view{field}.substr(0, equals);
        const std::string_view value = std::string_view{field}.substr(equals + 1, k_longest_value);
        message += name;
        if (value.find('\n') == std::string_view::npos) {
            message += '=';
        } else {
            message += '\n';
            for (unsigned shift = 0; shift < 64; shift += 8) {
                message += static_cast<char>((std::uint64_t{value.size()} >> shift) & 0xff);
            }
        }
        message += value;
        message += '\n';
    }
    const base::UniqueFd fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket"};
    // No journal, no entry.
    (void)!::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

std::optional<base::UniqueFd> open_journal_barrier() {
    // An empty stream. The journal serves its sockets in the order in which it found them readable,
    // and sees the end of a stream only after it has accepted it: a round later than what was there
    // already. Of a stream that it knows, end and entry may fall into one round, in any order.
    auto stream = open_journal_stream("cc-ci", "");
    if (stream) {
        (void)::shutdown(stream->get(), SHUT_WR);
    }
    return stream;
}

}  // namespace ccci::systemd
