#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "event/loop.hpp"
#include "systemd/service_state.hpp"

namespace ccci::services {

/// What is around the work of every service: the loop, the signals that end it, what systemd passes
/// and wants to know, and the log.
class ServiceFrame {
public:
    /// Blocks SIGTERM and SIGINT: before any child exists.
    ServiceFrame();

    event::Loop& loop() { return loop_; }
    spdlog::logger& log() { return *log_; }
    systemd::ServiceState& state() { return state_; }

    /// Those that systemd has passed; else one that listens on `endpoint`, or none if that is
    /// empty. Says where, in the log. Throws std::system_error.
    std::vector<base::UniqueFd> sockets(const std::string& endpoint);

    /// Tells systemd that the service is ready, and turns the loop until SIGTERM or SIGINT. Returns
    /// the exit code.
    int run(const std::string& status);

private:
    std::shared_ptr<spdlog::logger> log_;
    event::Loop loop_;
    systemd::ServiceState state_;
};

}  // namespace ccci::services
