#include "web/connection.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace ccci::web {

namespace {

using std::chrono::steady_clock;

/// Proxies close what has been silent for a minute.
constexpr std::chrono::seconds k_keep_alive{15};
constexpr std::chrono::seconds k_leaving{2};

}  // namespace

Connection::Connection(event::Loop& loop, base::UniqueFd socket, const Limits& limits,
                       Router& router, std::function<void()> on_over)
    : socket_{std::move(socket)},
      limits_{limits},
      router_{router},
      on_over_{std::move(on_over)},
      io_{loop.on_io(socket_.get(), EPOLLIN, [this](std::uint32_t events) { on_io(events); })},
      timer_{loop.after(limits.request, [this] { on_time(); })} {}

Connection::~Connection() {
    // The follower may want to send a last time.
    state_ = State::over;
    follower_.reset();
}

void Connection::on_io(std::uint32_t events) {
    if ((events & EPOLLERR) != 0) {
        finish();
        return;
    }
    if ((events & (EPOLLIN | EPOLLHUP)) != 0) {
        read();
    }
    if ((events & EPOLLOUT) != 0 && !is_over()) {
        flush();
    }
}

void Connection::on_time() {
    switch (state_) {
        case State::asking:
            answer(Router::refusal(408));
            return;
        case State::streaming:
            sink_->keep_alive();
            timer_.set_time(steady_clock::now() + k_keep_alive);
            return;
        case State::answering:
        case State::leaving:
        case State::over:
            finish();
            return;
    }
}

void Connection::read() {
    std::array<char, 16384> buffer;
    const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (count <= 0) {
        finish();
        return;
    }
    if (state_ != State::asking) {
        return;  // one request, one answer
    }
    request_.append(buffer.data(), static_cast<std::size_t>(count));
    const Framing framing = frame(request_, limits_);
    if (framing.state == Framing::State::refused) {
        answer(Router::refusal(framing.status));
    } else if (framing.state == Framing::State::complete) {
        answer(router_.reply(std::string_view{request_}.substr(0, framing.size)));
    }
}

void Connection::answer(Reply reply) {
    request_ = {};
    state_ = reply.follow ? State::streaming : State::answering;
    timer_.set_time(steady_clock::now() + (reply.follow ? k_keep_alive : limits_.answer));
    write(reply.bytes);
    if (reply.follow && !is_over()) {
        sink_ = std::make_unique<EventSink>([this](std::string_view bytes) { write(bytes); },
                                            [this] { end_stream(); });
        follower_ = reply.follow(*sink_);
    }
}

void Connection::write(std::string_view bytes) {
    if ((state_ != State::answering && state_ != State::streaming) || ended_) {
        return;
    }
    backlog_.append(bytes);
    flush();
    if (state_ == State::streaming && backlog_.size() > limits_.backlog) {
        finish();
    }
}

void Connection::flush() {
    while (!backlog_.empty()) {
        const ssize_t count =
            ::send(socket_.get(), backlog_.data(), backlog_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 && errno != EAGAIN) {
            finish();
            return;
        }
        if (count < 0) {
            break;
        }
        backlog_.erase(0, static_cast<std::size_t>(count));
    }
    // Of somebody who is waiting for an answer nothing is read: it would be for nothing.
    const std::uint32_t reading = state_ == State::answering ? 0U : std::uint32_t{EPOLLIN};
    io_.set_events(reading | (backlog_.empty() ? 0U : std::uint32_t{EPOLLOUT}));
    if (backlog_.empty() && (state_ == State::answering || ended_)) {
        leave();
    }
}

void Connection::end_stream() {
    if (state_ == State::streaming) {
        ended_ = true;
        flush();
    }
}

void Connection::leave() {
    if (::shutdown(socket_.get(), SHUT_WR) != 0) {
        finish();
        return;
    }
    state_ = State::leaving;
    io_.set_events(EPOLLIN);
    timer_.set_time(steady_clock::now() + k_leaving);
}

void Connection::finish() {
    if (is_over()) {
        return;
    }
    state_ = State::over;
    io_.enable(false);
    timer_.enable(false);
    on_over_();
}

}  // namespace ccci::web
