#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"

namespace ccci::event {

/// Writes to a descriptor that may be slow, or shared with others, without ever blocking the loop
/// and without changing its flags: by a call that is not to wait (RWF_NOWAIT, pwritev2(2)). Where
/// the kernel has none for it (pipes before Linux 6.4), it writes only when poll says so, and then
/// no more than a pipe is guaranteed to take (PIPE_BUF, pipe(7)). A terminal guarantees no more
/// than one byte, so it is opened anew, with flags of our own.
///
/// A reader that went away is not an error: from then on everything is dropped.
class Outlet {
public:
    /// `fd` is borrowed. `on_room` is called each time that the backlog falls below half of
    /// `limit`, and when the reader went away.
    Outlet(Loop& loop, int fd, std::size_t limit, std::function<void()> on_room);

    void write(std::string_view data);

    /// More than `limit` bytes wait: the caller should stop producing.
    [[nodiscard]] bool is_full() const { return pending() > limit_; }
    [[nodiscard]] std::size_t pending() const { return backlog_.size() - begin_; }
    [[nodiscard]] bool is_broken() const { return broken_; }

private:
    void on_writable();
    /// `before`: how much waited until now.
    void settle(std::size_t before);
    /// How much of it was taken. `ready`: poll has said already that it takes something.
    std::size_t push(std::string_view data, bool ready);
    /// As write(2); fails with EAGAIN rather than to wait.
    ssize_t write_some(std::string_view data, bool ready);

    int fd_;
    base::UniqueFd terminal_;
    std::size_t limit_;
    std::function<void()> on_room_;
    std::string backlog_;
    std::size_t begin_ = 0;
    Source source_;
    bool has_nowait_ = true;     ///< until the kernel says otherwise
    bool never_blocks_ = false;  ///< a regular file: epoll(7) refuses it, and it needs none
    bool broken_ = false;
};

}  // namespace ccci::event
