#include "event/outlet.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

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
            source_ = loop.on_io(fd_, EPOLLOUT, [this](std::uint32_t) { drain(true); });
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
    backlog_.append(data);
    drain(false);
}

void Outlet::drain(bool ready) {
    const std::size_t before = pending();
    while (!broken_ && pending() > 0) {
        if (!never_blocks_ && !ready && !is_writable_now(fd_)) {
            break;
        }
        ready = false;
        const std::size_t most =
            never_blocks_ ? pending() : std::min<std::size_t>(pending(), PIPE_BUF);
        const ssize_t n = ::write(fd_, backlog_.data() + begin_, most);
        if (n >= 0) {
            begin_ += static_cast<std::size_t>(n);
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            drop();  // EPIPE: the reader is gone; ENOSPC, EIO: nothing to be done about it here
        }
    }
    if (begin_ == backlog_.size()) {
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

void Outlet::drop() {
    broken_ = true;
    backlog_.clear();
    begin_ = 0;
}

}  // namespace ccci::event
