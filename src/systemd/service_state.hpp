#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"

namespace ccci::systemd {

/// The sockets that a .socket unit has opened for this process (sd_listen_fds(3)), close-on-exec.
/// At most once; empty where none were passed, and for the children of whoever got them.
std::vector<base::UniqueFd> inherited_sockets();

/// What a service tells its manager (sd_notify(3)). Where nobody asks, it does nothing.
class ServiceState {
public:
    /// If the unit has WatchdogSec=, the loop says from now on that it turns.
    explicit ServiceState(event::Loop& loop);
    ServiceState(const ServiceState&) = delete;
    ServiceState& operator=(const ServiceState&) = delete;
    ~ServiceState();

    /// `line`: one for `systemctl status`.
    void ready(const std::string& line);
    void status(const std::string& line);
    void stopping();

private:
    event::Source watchdog_;
};

}  // namespace ccci::systemd
