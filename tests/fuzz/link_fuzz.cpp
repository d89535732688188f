#include <sys/socket.h>

#include <deque>
#include <optional>

#include "fuzz/fuzz.hpp"
#include "link/channel.hpp"

// Packets of a peer that may say anything: a byte for the length (times 256), the packet. Those of
// a known kind arrive in order and as they were sent, others are dropped, and the channel closes
// once, at the end.

namespace ccci::fuzz {

namespace {

struct Packet {
    char kind;
    std::string payload;
};

}  // namespace

void check(std::string_view input) {
    auto [ours, theirs] = link::make_link();
    std::deque<Packet> sent;
    while (!input.empty() && sent.size() < 64) {
        const std::size_t length = take_byte(input) % 128 * 4U;
        const std::string packet{input.substr(0, length)};
        input.remove_prefix(packet.size());
        if (packet.empty()) {
            break;  // an empty packet of this kind of socket is its end
        }
        if (::send(theirs.get(), packet.data(), packet.size(), MSG_DONTWAIT) < 0) {
            break;
        }
        if (std::string_view{"rRCHOELVF"}.find(packet[0]) != std::string_view::npos) {
            sent.push_back({packet[0], packet.substr(1)});
        }
    }
    theirs.reset();

    event::Loop loop;
    int closed = 0;
    std::optional<link::Channel> channel;
    channel.emplace(
        loop, std::move(ours),
        [&](link::Kind kind, std::string_view payload) {
            require(!sent.empty() && sent.front().kind == static_cast<char>(kind) &&
                        sent.front().payload == payload,
                    "the next packet that was sent", payload);
            sent.pop_front();
            channel->send(link::Kind::line, payload);
        },
        [&] {
            ++closed;
            loop.stop();
        });
    loop.run();
    require(sent.empty() && closed == 1 && !channel->is_open(), "all arrived, then the end");
}

}  // namespace ccci::fuzz
