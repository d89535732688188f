#include "services/bridge_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "bridge/bridge.hpp"
#include "run/usage_error.hpp"
#include "services/bridge_check.hpp"
#include "services/bridge_setup.hpp"
#include "services/service_frame.hpp"
#include "services/webhook.hpp"
#include "web/server.hpp"

namespace ccci::services {

namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

/// A payload has the pull request and its repository twice, with all their texts.
constexpr std::size_t k_largest_payload = std::size_t{1} << 20;
constexpr std::size_t k_most_connections = 1024;
/// So that a clock that is set does not stop the bridge.
constexpr std::chrono::minutes k_longest_pause{1};

/// The bridge on the loop: it acts when it is time to, and when something has come.
class Turns {
public:
    Turns(event::Loop& loop, bridge::Bridge& bridge)
        : bridge_{bridge}, timer_{loop.after({}, [this] { turn(); })} {}

    void hurry() { timer_.set_time(steady_clock::now()); }

private:
    void turn() {
        const std::optional<bridge::Time> next = bridge_.act(system_clock::now());
        std::chrono::nanoseconds pause = k_longest_pause;
        if (next) {
            pause = std::clamp<std::chrono::nanoseconds>(
                *next - system_clock::now(), std::chrono::nanoseconds{0}, k_longest_pause);
        }
        timer_.set_time(steady_clock::now() + pause);
    }

    bridge::Bridge& bridge_;
    event::Source timer_;
};

bridge::Log log_to(spdlog::logger& log) {
    return {.info = [&log](const std::string& line) { log.info("{}", line); },
            .warning = [&log](const std::string& line) { log.warn("{}", line); }};
}

int serve(const run::Config& config) {
    ServiceFrame frame;
    std::vector<base::UniqueFd> sockets = frame.sockets(config.bridge_listen);
    if (sockets.empty() && config.bridge_poll.count() == 0) {
        throw run::UsageError{
            "the bridge hears of no comment: bridge_listen is empty and "
            "bridge_poll is 0"};
    }
    const std::string secret =
        sockets.empty() ? "" : read_secret(config.bridge_secret_file, "bridge_secret_file");
    BridgeClients clients{config};
    bridge::Store store{config.state_dir};
    bridge::Bridge bridge{store,
                          clients.forge,
                          clients.drone,
                          bridge_rules(config),
                          bridge_places(config),
                          log_to(frame.log()),
                          system_clock::now()};
    Turns turns{frame.loop(), bridge};
    web::Router router{[&](const std::string& line) { frame.log().error("{}", line); }};
    router.post("/gitea", [&](const web::Request& request) {
        const web::Answer answer = answer_webhook(
            request, secret, [&](const gitea::Comment& comment, const std::string& delivery) {
                const bridge::Admission admission = bridge.take(comment, delivery);
                turns.hurry();
                return admission;
            });
        if (answer.status != 202) {
            frame.log().warn("a delivery was refused: {} {}", answer.status,
                             answer.body.substr(0, answer.body.find('\n')));
        }
        return answer;
    });
    const bool has_webhook = !sockets.empty();
    const web::Server server{
        frame.loop(), std::move(sockets), std::move(router),
        web::Limits{.body = k_largest_payload, .connections = k_most_connections}};
    return frame.run(fmt::format("repositories: {}, {}{}", config.bridge_repositories.size(),
                                 config.bridge_poll.count() > 0 ? "polled" : "not polled",
                                 has_webhook ? ", webhooks taken" : ""));
}

}  // namespace

program::Action add_bridge(CLI::App& program) {
    auto options = std::make_shared<BridgeOptions>();
    CLI::App* command = program.add_subcommand("bridge");
    command->add_option("--state-dir", options->state_dir);
    command->add_option("--forge-token-file", options->forge_token_file);
    command->add_option("--drone-token-file", options->drone_token_file);
    command->add_option("--secret-file", options->secret_file);
    command->add_flag("--check", options->check);
    return [options](const run::Config& given, const std::vector<std::string>&) {
        const run::Config config = bridge_config(given, *options);
        if (options->check) {
            BridgeClients clients{config};
            return check_bridge(config, clients);
        }
        return serve(config);
    };
}

}  // namespace ccci::services
