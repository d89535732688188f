#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include "base/fail_point.hpp"

// The fail points of the programs that tests/faults/inject drives:
//
//   CCCI_FAILPOINT=NAME:ACTION     kill, error (throws), delay (a third of a second) or hang (for
//                                  good), the first time that any process comes to NAME
//   CCCI_FAILPOINT=NAME@3:ACTION   the third time that one comes there
//   CCCI_FAILPOINT=trace         nothing happens
//   CCCI_FAILPOINT_DIR           NAME.hit is made here when it happens, and trace gets a line for
//                                every point that is passed

namespace ccci::base {

namespace {

void append(const std::string& path, const std::string& line) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    (void)!::write(fd, line.data(), line.size());
    (void)::close(fd);
}

/// One process is the first, whatever the number of them.
bool is_first(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    const std::string who = fmt::format("{} {}\n", ::getpid(), program_invocation_short_name);
    (void)!::write(fd, who.data(), who.size());
    (void)::close(fd);
    return true;
}

}  // namespace

void fail_point(const char* name) {
    const char* setting = std::getenv("CCCI_FAILPOINT");
    const char* directory = std::getenv("CCCI_FAILPOINT_DIR");
    if (setting == nullptr || directory == nullptr) {
        return;
    }
    const std::string_view wanted{setting};
    if (wanted == "trace") {
        append(fmt::format("{}/trace", directory), fmt::format("{}\n", name));
        return;
    }
    const std::size_t colon = wanted.find(':');
    const std::size_t at = std::min(wanted.find('@'), colon);
    if (wanted.substr(0, at) != name) {
        return;
    }
    static int times = 0;
    ++times;
    const int which = at < colon ? std::atoi(wanted.data() + at + 1) : times;
    if (times != which || !is_first(fmt::format("{}/{}.hit", directory, name))) {
        return;
    }
    const std::string_view action = wanted.substr(colon + 1);
    if (action == "kill") {
        (void)::kill(::getpid(), SIGKILL);
    } else if (action == "error") {
        throw std::system_error{EIO, std::generic_category(), fmt::format("fail point {}", name)};
    } else if (action == "delay") {
        (void)::poll(nullptr, 0, 300);
    } else if (action == "hang") {
        (void)::poll(nullptr, 0, -1);
    }
}

}  // namespace ccci::base
