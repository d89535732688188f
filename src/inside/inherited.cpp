#include "inside/inherited.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/files.hpp"
#include "base/os_error.hpp"

namespace ccci::inside {

namespace {

bool is_regular_file(int fd) {
    struct stat info {};
    return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

Inherited take_inherited(Place place) {
    const bool scope = place == Place::scope;
    const int lock = scope ? 4 : STDIN_FILENO;
    const int link = scope ? 3 : STDOUT_FILENO;
    Inherited inherited;
    if (is_regular_file(lock)) {
        inherited.lock = base::duplicate(lock, 5);
    }
    inherited.link = base::duplicate(link, 5);
    if (scope) {
        (void)::close(3);
        (void)::close(4);
        return inherited;
    }
    const base::UniqueFd null = base::open_file("/dev/null", O_RDWR);
    for (const int target : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::dup2(null.get(), target) < 0) {
            base::throw_errno(errno, "replace descriptor {}", target);
        }
    }
    return inherited;
}

}  // namespace ccci::inside
