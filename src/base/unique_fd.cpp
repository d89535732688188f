#include "base/unique_fd.hpp"

#include <unistd.h>

#include <cerrno>

namespace ccci::base {

void UniqueFd::reset(int fd) noexcept {
    const int old = std::exchange(fd_, fd);
    if (old < 0) {
        return;
    }
    // Destructors run between a failing call and the code that reports it, so errno must survive.
    // EINTR is not retried: Linux has freed the number already, and a second close() could hit a
    // descriptor opened meanwhile.
    const int saved_errno = errno;
    (void)::close(old);
    errno = saved_errno;
}

}  // namespace ccci::base
