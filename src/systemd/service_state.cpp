#include "systemd/service_state.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <cerrno>
#include <chrono>

#include "base/os_error.hpp"

namespace ccci::systemd {

namespace {

/// A manager that does not hear us will say so itself.
void tell(const std::string& state) {
    (void)::sd_notify(0, state.c_str());
}

}  // namespace

std::vector<base::UniqueFd> inherited_sockets() {
    // It also makes them close-on-exec, and takes the variables out of the environment.
    const int count = ::sd_listen_fds(1);
    if (count < 0) {
        base::throw_errno(-count, "take over the sockets of systemd");
    }
    std::vector<base::UniqueFd> sockets;
    for (int i = 0; i < count; ++i) {
        sockets.emplace_back(SD_LISTEN_FDS_START + i);
    }
    return sockets;
}

ServiceState::ServiceState(event::Loop& loop) {
    std::uint64_t span = 0;
    if (::sd_watchdog_enabled(0, &span) > 0) {
        const std::chrono::microseconds half{span / 2};
        watchdog_ = loop.after({}, [this, half] {
            tell("WATCHDOG=1");
            watchdog_.set_time(std::chrono::steady_clock::now() + half);
        });
    }
}

ServiceState::~ServiceState() = default;

void ServiceState::ready(const std::string& line) {
    tell(fmt::format("READY=1\nSTATUS={}", line));
}

void ServiceState::status(const std::string& line) {
    tell("STATUS=" + line);
}

void ServiceState::stopping() {
    tell("STOPPING=1");
}

}  // namespace ccci::systemd
