#include "web/server.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/os_error.hpp"

namespace ccci::web {

namespace {

using std::chrono::steady_clock;

/// No descriptor is left; somebody else of this host must give one back.
constexpr std::chrono::seconds k_try_again{1};

bool is_short_of_descriptors(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Server::Server(event::Loop& loop, std::vector<base::UniqueFd> listeners, Router router,
               const Limits& limits)
    : loop_{loop},
      listeners_{std::move(listeners)},
      router_{std::move(router)},
      limits_{limits},
      sweep_{loop.after({}, [this] { sweep(); })} {
    for (const base::UniqueFd& listener : listeners_) {
        const int flags = ::fcntl(listener.get(), F_GETFL);
        if (flags < 0 || ::fcntl(listener.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
            base::throw_errno(errno, "listen on descriptor {}", listener.get());
        }
        accepting_.push_back(loop.on_io(
            listener.get(), EPOLLIN, [this, fd = listener.get()](std::uint32_t) { accept(fd); }));
    }
}

Server::~Server() = default;

void Server::accept(int listener) {
    base::UniqueFd socket{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!socket) {
        // Everything else is an error of the connection that was not made (accept(2)).
        if (is_short_of_descriptors(errno)) {
            for (event::Source& source : accepting_) {
                source.enable(false);
            }
            sweep_.set_time(steady_clock::now() + k_try_again);
        }
        return;
    }
    if (make_room()) {
        connections_.push_back(
            std::make_unique<Connection>(loop_, std::move(socket), limits_, router_,
                                         [this] { sweep_.set_time(steady_clock::now()); }));
    }
}

/// Whoever opens connections and says nothing must not keep out those who do.
bool Server::make_room() {
    if (connections_.size() < limits_.connections) {
        return true;
    }
    const auto oldest =
        std::find_if(connections_.begin(), connections_.end(),
                     [](const auto& connection) { return connection->is_dispensable(); });
    if (oldest == connections_.end()) {
        return false;
    }
    connections_.erase(oldest);
    return true;
}

void Server::sweep() {
    connections_.remove_if([](const auto& connection) { return connection->is_over(); });
    for (event::Source& source : accepting_) {
        source.enable(true);
    }
}

}  // namespace ccci::web
