#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"
#include "web/framing.hpp"
#include "web/message.hpp"
#include "web/router.hpp"

namespace ccci::web {

/// One client, one request, one answer. Whatever the client does, it is over after the sum of the
/// limits' times, or when a stream of events ends.
class Connection {
public:
    /// `on_over` is called once, from a callback of this object, which must not be destroyed in it.
    Connection(event::Loop& loop, base::UniqueFd socket, const Limits& limits, Router& router,
               std::function<void()> on_over);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    [[nodiscard]] bool is_over() const { return state_ == State::over; }
    /// Nobody is waiting for anything that we have: its request has not come as a whole, or all of
    /// the answer is sent.
    [[nodiscard]] bool is_dispensable() const {
        return state_ == State::asking || state_ == State::leaving || state_ == State::over;
    }

private:
    /// `leaving`: everything is sent; what the client still sends is read, since a close with
    /// unread bytes would reset the connection and take the answer away from the client.
    enum class State { asking, answering, streaming, leaving, over };

    void on_io(std::uint32_t events);
    void on_time();
    void read();
    void answer(Reply reply);
    void write(std::string_view bytes);
    void flush();
    void end_stream();
    void leave();
    void finish();

    base::UniqueFd socket_;
    const Limits& limits_;
    Router& router_;
    std::function<void()> on_over_;
    State state_ = State::asking;
    std::string request_;
    std::string backlog_;
    bool ended_ = false;  ///< a stream: nothing more will be sent
    std::unique_ptr<EventSink> sink_;
    std::shared_ptr<void> follower_;
    event::Source io_;
    event::Source timer_;
};

}  // namespace ccci::web
