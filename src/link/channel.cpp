#include "link/channel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/os_error.hpp"

namespace ccci::link {

namespace {

bool is_known(char kind) {
    return std::string_view{"rRCHOELVF"}.find(kind) != std::string_view::npos;
}

/// As send(2), of the kind and then the payload.
ssize_t send_packet(int fd, Kind kind, std::string_view payload) {
    char first = static_cast<char>(kind);
    std::array<iovec, 2> parts{
        {{.iov_base = &first, .iov_len = 1},
         {.iov_base = const_cast<char*>(payload.data()), .iov_len = payload.size()}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    return ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

std::pair<base::UniqueFd, base::UniqueFd> make_link() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        base::throw_errno(errno, "create the link");
    }
    return {base::UniqueFd{ends[0]}, base::UniqueFd{ends[1]}};
}

Channel::Channel(event::Loop& loop, base::UniqueFd socket, OnPacket on_packet,
                 std::function<void()> on_closed, std::function<void()> on_room)
    : socket_{std::move(socket)},
      on_packet_{std::move(on_packet)},
      on_closed_{std::move(on_closed)},
      on_room_{std::move(on_room)} {
    source_ = loop.on_io(socket_.get(), EPOLLIN, [this](std::uint32_t events) {
        if ((events & EPOLLOUT) != 0) {
            flush();
        }
        if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && is_open() && !paused_) {
            receive();
        }
    });
}

void Channel::send(Kind kind, std::string_view payload) {
    do {
        const std::string_view part = payload.substr(0, k_max_payload);
        queue(kind, part);
        payload.remove_prefix(part.size());
    } while (!payload.empty());
}

void Channel::send_request(std::string_view request) {
    while (request.size() > k_max_payload) {
        queue(Kind::request_part, request.substr(0, k_max_payload));
        request.remove_prefix(k_max_payload);
    }
    queue(Kind::request_end, request);
}

void Channel::queue(Kind kind, std::string_view payload) {
    if (!is_open()) {
        return;
    }
    // Nearly always there is room, and then nothing need be kept.
    if (backlog_.empty() && send_packet(socket_.get(), kind, payload) >= 0) {
        return;
    }
    backlog_.push_back({kind, std::string{payload}});
    backlog_bytes_ += payload.size() + 1;
    if (backlog_.size() == 1) {
        flush();
    }
}

void Channel::flush() {
    const std::size_t before = backlog_bytes_;
    while (!backlog_.empty()) {
        const Packet& packet = backlog_.front();
        const ssize_t n = send_packet(socket_.get(), packet.kind, packet.payload);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == ENOBUFS)) {
            break;
        }
        if (n < 0) {
            // EPIPE, ECONNRESET: nobody will ever read this; the end shows up in receive().
            backlog_.clear();
            backlog_bytes_ = 0;
            break;
        }
        backlog_bytes_ -= packet.payload.size() + 1;
        backlog_.pop_front();
    }
    update_events();
    if (on_room_ && before > k_limit / 2 && backlog_bytes_ <= k_limit / 2) {
        on_room_();
    }
}

void Channel::receive() {
    std::array<char, k_max_payload + 1> buffer;
    // A bounded number of packets a turn, so that signals and timers get theirs.
    for (int turn = 0; turn < 16 && is_open() && !paused_; ++turn) {
        const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        // ECONNRESET says that the other end closed without having read all of ours. It is reported
        // once, and before the packets that still wait here: those come next, and then the end.
        if (n < 0 && (errno == EINTR || errno == ECONNRESET)) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n <= 0) {
            close();
            return;
        }
        if (is_known(buffer[0])) {
            on_packet_(static_cast<Kind>(buffer[0]),
                       {buffer.data() + 1, static_cast<std::size_t>(n) - 1});
        }
    }
}

void Channel::close() {
    source_.reset();
    socket_.reset();
    backlog_.clear();
    backlog_bytes_ = 0;
    on_closed_();
}

void Channel::pause_reading(bool paused) {
    if (paused_ != paused && is_open()) {
        paused_ = paused;
        update_events();
    }
}

void Channel::update_events() {
    const std::uint32_t in = paused_ ? 0U : static_cast<std::uint32_t>(EPOLLIN);
    const std::uint32_t out = backlog_.empty() ? 0U : static_cast<std::uint32_t>(EPOLLOUT);
    source_.set_events(in | out);
    // A hang-up is reported whatever is asked for, and would spin while reading is paused.
    source_.enable(!paused_ || !backlog_.empty());
}

bool send_now(int fd, Kind kind, std::string_view payload, std::chrono::milliseconds timeout) {
    for (;;) {
        if (send_packet(fd, kind, payload.substr(0, k_max_payload)) >= 0) {
            return true;
        }
        if (errno == EINTR) {
            continue;
        }
        if (errno != EAGAIN) {
            return false;
        }
        pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0) {
            return false;
        }
    }
}

}  // namespace ccci::link
