#include "services/service_frame.hpp"

#include <signal.h>

#include "base/endpoint.hpp"
#include "log/log.hpp"

namespace ccci::services {

ServiceFrame::ServiceFrame() : log_{log::make_log()}, state_{loop_} {
    event::Loop::block_signals({SIGTERM, SIGINT});
}

std::vector<base::UniqueFd> ServiceFrame::sockets(const std::string& endpoint) {
    std::vector<base::UniqueFd> sockets = systemd::inherited_sockets();
    if (sockets.empty() && !endpoint.empty()) {
        sockets.push_back(base::listen_on(endpoint));
    }
    for (const base::UniqueFd& socket : sockets) {
        log_->info("listening on {}", base::endpoint_of(socket.get()));
    }
    return sockets;
}

int ServiceFrame::run(const std::string& status) {
    const auto end = [this](const signalfd_siginfo&) {
        state_.stopping();
        loop_.stop();
    };
    const event::Source on_term = loop_.on_signal(SIGTERM, end);
    const event::Source on_int = loop_.on_signal(SIGINT, end);
    state_.ready(status);
    loop_.run();
    return 0;
}

}  // namespace ccci::services
