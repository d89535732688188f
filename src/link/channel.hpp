#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"

namespace ccci::link {

/// What one packet of the link is. The link is a SOCK_SEQPACKET pair: a packet arrives whole or not
/// at all, so the death of a writer never leaves half a message in front of the next writer's.
enum class Kind : char {
    request_part = 'r',  ///< step to harness: a piece of the request, more follow
    request_end = 'R',   ///< the last piece
    cancel = 'C',        ///< step to harness: stop; the payload says why
    hello = 'H',         ///< harness to step: the request has arrived
    out = 'O',           ///< bytes for the step's stdout
    err = 'E',           ///< bytes for the step's stderr
    line = 'L',          ///< one message for people, without a line end
    verdict = 'V',       ///< how the run ended, as JSON
    finished = 'F',      ///< the last packet of a harness after which nothing is left to do
};

/// No packet is larger; well below the smallest default socket buffer.
constexpr std::size_t k_max_payload = 48 * 1024;

/// The connected pair: one end for the step, one for the unit.
std::pair<base::UniqueFd, base::UniqueFd> make_link();

/// One end of the link on an event loop. Sending never blocks; what does not fit waits here.
class Channel {
public:
    using OnPacket = std::function<void(Kind, std::string_view payload)>;

    /// `on_packet` and `on_closed` (the last descriptor of the other end is gone) are called from
    /// the loop. Unknown kinds are dropped. `on_room`: the backlog fell below half of the limit.
    Channel(event::Loop& loop, base::UniqueFd socket, OnPacket on_packet,
            std::function<void()> on_closed, std::function<void()> on_room = {});

    /// A payload above k_max_payload is split, which only `out`, `err` and requests may need.
    void send(Kind kind, std::string_view payload);
    void send_request(std::string_view request);

    /// The other end reads too slowly: the caller should stop producing.
    [[nodiscard]] bool is_full() const { return backlog_bytes_ > k_limit; }
    [[nodiscard]] bool is_drained() const { return backlog_.empty(); }
    [[nodiscard]] std::size_t pending() const { return backlog_bytes_; }
    [[nodiscard]] bool is_open() const { return static_cast<bool>(socket_); }

    /// Stops and resumes the delivery of packets.
    void pause_reading(bool paused);

private:
    static constexpr std::size_t k_limit = std::size_t{1} << 20;

    struct Packet {
        Kind kind;
        std::string payload;
    };

    void queue(Kind kind, std::string_view payload);
    void flush();
    void receive();
    void close();
    void update_events();

    base::UniqueFd socket_;
    OnPacket on_packet_;
    std::function<void()> on_closed_;
    std::function<void()> on_room_;
    std::deque<Packet> backlog_;
    std::size_t backlog_bytes_ = 0;
    bool paused_ = false;
    event::Source source_;
};

/// Sends one packet on a blocking descriptor, for a process without a loop. False when the other
/// end is gone or does not read within `timeout`.
bool send_now(int fd, Kind kind, std::string_view payload, std::chrono::milliseconds timeout);

}  // namespace ccci::link
