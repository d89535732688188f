#include "event/outlet.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/files.hpp"

namespace ccci::event {

namespace {

bool is_writable_now(int fd) {
    pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
    return ::poll(&waiting, 1, 0) > 0;
}

}  // namespace

Outlet::Outlet(Loop& loop, int fd, std::size_t limit, std::function<void()> on_room)
    : fd_{fd}, limit_{limit}, on_room_{std::move(on_room)} {
    struct stat info {};
    if (::fstat(fd, &info) != 0) {
        broken_ = true;  // the caller was started with this descriptor closed
        return;
    }
    never_blocks_ = S_ISREG(info.st_mode) || S_ISDIR(info.st_mode);
    if (::isatty(fd) != 0) {
        try {
            terminal_ = base::open_file(fmt::format("/proc/self/fd/{}", fd),
                                        O_WRONLY | O_NOCTTY | O_NONBLOCK);
            fd_ = terminal_.get();
        } catch (const std::system_error&) {
            // Somebody else's terminal, for example after su: it must do as it is.
        }
    }
    try {
        if (!never_blocks_) {
            source_ = loop.on_io(fd_, EPOLLOUT, [this](std::uint32_t) { on_writable(); });
            source_.enable(false);
        }
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::operation_not_permitted) {
            throw;
        }
        never_blocks_ = true;  // /dev/null and its like
    }
}

void Outlet::write(std::string_view data) {
    if (broken_) {
        return;
    }
    const std::size_t before = pending();
    if (before == 0) {
        data.remove_prefix(push(data, false));
    }
    if (!broken_) {
        backlog_.append(data);
    }
    if (before > 0) {
        begin_ += push(std::string_view{backlog_}.substr(begin_), false);
    }
    settle(before);
}

void Outlet::on_writable() {
    const std::size_t before = pending();
    begin_ += push(std::string_view{backlog_}.substr(begin_), true);
    settle(before);
}

void Outlet::settle(std::size_t before) {
    if (broken_ || begin_ == backlog_.size()) {
        backlog_.clear();
        begin_ = 0;
    } else if (begin_ > (std::size_t{1} << 20)) {
        backlog_.erase(0, begin_);
        begin_ = 0;
    }
    if (source_) {
        source_.enable(pending() > 0);
    }
    if (on_room_ && (broken_ || (before > limit_ / 2 && pending() <= limit_ / 2))) {
        on_room_();
    }
}

std::size_t Outlet::push(std::string_view data, bool ready) {
    std::size_t written = 0;
    while (!broken_ && written < data.size()) {
        const ssize_t n = write_some(data.substr(written), std::exchange(ready, false));
        if (n >= 0) {
            written += static_cast<std::size_t>(n);
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            broken_ = true;  // EPIPE: the reader is gone; ENOSPC, EIO: nothing to be done here
        }
    }
    return written;
}

ssize_t Outlet::write_some(std::string_view data, bool ready) {
    if (never_blocks_) {
        return ::write(fd_, data.data(), data.size());
    }
    if (has_nowait_) {
        const iovec whole{.iov_base = const_cast<char*>(data.data()), .iov_len = data.size()};
        const ssize_t n = ::pwritev2(fd_, &whole, 1, -1, RWF_NOWAIT);
        if (n >= 0 || errno != EOPNOTSUPP) {
            return n;
        }
        has_nowait_ = false;
    }
    if (!ready && !is_writable_now(fd_)) {
        errno = EAGAIN;
        return -1;
    }
    return ::write(fd_, data.data(), std::min<std::size_t>(data.size(), PIPE_BUF));
}

}  // namespace ccci::event
