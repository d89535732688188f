#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace ccci::web {

/// What one client may take of a server.
struct Limits {
    std::size_t head = std::size_t{16} * 1024;
    std::size_t body = 0;
    /// From the connection to the last byte of its request, however slowly they come.
    std::chrono::milliseconds request{10'000};
    /// From the request to the last byte of the answer.
    std::chrono::milliseconds answer{60'000};
    /// How much of a stream of events may wait for a client before it is given up.
    std::size_t backlog = std::size_t{1} << 20;
    /// All connections together. One more takes the place of the oldest that has not asked yet, or
    /// is closed.
    std::size_t connections = 256;
};

/// Whether what has come in is a whole request.
struct Framing {
    enum class State { incomplete, complete, refused };
    State state = State::incomplete;
    std::size_t size = 0;  ///< complete: of head and body
    int status = 0;        ///< refused: the HTTP status that says why
};

/// Only where a request ends is decided here. Its length must be said (RFC 9112, 6.3): bodies in
/// chunks are refused, and so is whatever two readers could take for two different lengths.
Framing frame(std::string_view received, const Limits& limits);

}  // namespace ccci::web
