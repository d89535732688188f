#include "services/dashboard_service.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/text.hpp"
#include "dashboard/site.hpp"
#include "run/usage_error.hpp"
#include "services/service_frame.hpp"
#include "web/server.hpp"

namespace ccci::services {

namespace {

int serve_pages(const run::Config& config) {
    ServiceFrame frame;
    auto sockets = frame.sockets(config.dashboard_listen);
    if (sockets.empty()) {
        throw run::UsageError{"dashboard_listen is empty, and systemd has passed no socket"};
    }
    const auto on_failure = [&frame](const std::string& line) {
        frame.log().error(base::printable(line, 1000));
    };
    dashboard::Site site{frame.loop(), config, on_failure};
    web::Router router{on_failure};
    site.add_to(router);
    const web::Server server{frame.loop(), std::move(sockets), std::move(router), {}};
    return frame.run(fmt::format("Showing the runs in {}", config.runs_dir.native()));
}

}  // namespace

program::Action add_dashboard(CLI::App& program) {
    program.add_subcommand("dashboard");
    return [](const run::Config& config, const std::vector<std::string>&) {
        return serve_pages(config);
    };
}

}  // namespace ccci::services
