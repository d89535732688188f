#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "engine/client.hpp"

namespace ccci::engine {

/// Tells that something happened in the engine: what to wait on between two listings. The events
/// themselves are not looked at, since the state is what counts.
///
/// Follow the state: make the stream first, list then, wait, list again. Many changes of the Swarm
/// have no event, and a stream that broke has none at all until it is made anew: never wait longer
/// than a second or so without listing again.
class EventStream {
public:
    /// Subscribes to the events that `filters` lets through, from this moment on. Throws only when
    /// the client cannot be asked for its API version.
    EventStream(Client& client, Filters filters);
    EventStream(const EventStream&) = delete;
    EventStream& operator=(const EventStream&) = delete;
    ~EventStream();

    /// Returns true as soon as an event has arrived since the last call, false at `until`.
    /// Makes a broken stream anew, and never throws because of one.
    bool wait(std::chrono::steady_clock::time_point until);

private:
    class Subscription;

    std::filesystem::path socket_;
    std::string path_;
    std::unique_ptr<Subscription> subscription_;  ///< null while there is no stream
};

}  // namespace ccci::engine
