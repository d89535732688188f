#pragma once

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "base/files.hpp"

namespace ccci::test {

/// How long a test waits for what must happen: only a broken one ever waits so long.
constexpr std::chrono::milliseconds k_patience{20'000};

/// Whether the descriptor is, or within `timeout` becomes, readable or hung up.
inline bool becomes_readable(int fd, std::chrono::milliseconds timeout = k_patience) {
    const auto until = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
        const int n = ::poll(&waiting, 1, std::max(static_cast<int>(left.count()), 0));
        if (n >= 0 || errno != EINTR) {
            return n > 0;
        }
    }
}

inline bool is_readable(int fd) {
    return becomes_readable(fd, std::chrono::milliseconds{0});
}

/// Only for what has no event of its own, such as a process being blocked in the kernel: looks
/// again and again, and returns false if it never comes.
template <typename Predicate>
bool eventually(Predicate predicate) {
    const auto until = std::chrono::steady_clock::now() + k_patience;
    while (!predicate()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        (void)::poll(nullptr, 0, 1);
    }
    return true;
}

/// Both ends of a pipe, for lambdas: a structured binding cannot be captured before clang 16.
struct Pipe {
    Pipe() : Pipe{base::make_pipe()} {}
    explicit Pipe(std::pair<base::UniqueFd, base::UniqueFd> ends)
        : read{std::move(ends.first)}, write{std::move(ends.second)} {}

    base::UniqueFd read;
    base::UniqueFd write;
};

/// A door between processes: shut until somebody opens it, and then open for good.
class Gate {
public:
    void open() const { base::write_all(pipe_.write.get(), "x", "gate"); }
    [[nodiscard]] bool is_open() const { return is_readable(pipe_.read.get()); }
    /// Throws when it stays shut.
    void wait() const {
        if (!becomes_readable(pipe_.read.get())) {
            throw std::runtime_error{"the gate stayed shut"};
        }
    }

private:
    Pipe pipe_;
};

}  // namespace ccci::test
