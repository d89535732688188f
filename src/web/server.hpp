#pragma once

#include <list>
#include <memory>
#include <vector>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"
#include "web/connection.hpp"
#include "web/framing.hpp"
#include "web/router.hpp"

namespace ccci::web {

/// Serves what a router answers, on sockets that listen, in the loop's one thread: handlers must be
/// quick. A client that is slow, or silent, costs a descriptor for a limited time and nobody else's
/// answer.
class Server {
public:
    /// Makes the sockets non-blocking (also for whoever else has them).
    Server(event::Loop& loop, std::vector<base::UniqueFd> listeners, Router router,
           const Limits& limits);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

private:
    void accept(int listener);
    bool make_room();
    void sweep();

    event::Loop& loop_;
    std::vector<base::UniqueFd> listeners_;
    Router router_;
    Limits limits_;
    std::list<std::unique_ptr<Connection>> connections_;  ///< the oldest first
    std::vector<event::Source> accepting_;
    event::Source sweep_;
};

}  // namespace ccci::web
