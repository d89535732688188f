#include "apps/watch_build_app.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <random>

#include "base/files.hpp"
#include "base/text.hpp"
#include "drone/build.hpp"
#include "http/client.hpp"
#include "run/usage_error.hpp"

namespace ccci::apps {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds k_request_limit{10'000};

struct WatchOptions {
    std::string repository;
    std::string number;
};

/// Runs that began together must not ask together.
milliseconds with_jitter(microseconds span) {
    static std::mt19937 random{std::random_device{}()};
    std::uniform_real_distribution<double> factor{0.8, 1.2};
    return milliseconds{
        static_cast<std::int64_t>(static_cast<double>(span.count()) / 1000 * factor(random))};
}

int end(int code, const std::string& line) {
    fmt::print("{}\n", line);
    (void)std::fflush(stdout);
    return code;
}

/// nullopt: ask again.
std::optional<int> judge(const http::Answer& answer, const drone::BuildId& build) {
    if (answer.status == 401 || answer.status == 403 || answer.status == 404) {
        return end(1, fmt::format("Drone does not tell about build {} of {}: HTTP {}", build.number,
                                  build.repository, answer.status));
    }
    const auto status = answer.status == 200 ? drone::parse_status(answer.body) : std::nullopt;
    if (status == "killed") {
        return end(0, fmt::format("cancelled: Drone has killed build {}", build.number));
    }
    return std::nullopt;
}

int watch(const run::Config& config, const WatchOptions& options) {
    const auto build = drone::parse_build_id(options.repository, options.number);
    if (!build) {
        throw run::UsageError{fmt::format("'{}' of '{}' is no build of Drone",
                                          base::printable(options.number, 100),
                                          base::printable(options.repository, 100))};
    }
    const auto token = base::try_read_file(config.drone_token_file, 4096);
    if (!token) {
        return end(1, fmt::format("there is no {}", config.drone_token_file.native()));
    }
    const http::Request request{
        .url = drone::build_url(config.drone_server, *build),
        .headers = {"Authorization: Bearer " + std::string{base::trim(*token)}}};
    http::Client client{k_request_limit};
    for (;;) {
        // Drone tells nobody but a runner that listens. Whoever started us kills us.
        (void)::poll(nullptr, 0, static_cast<int>(with_jitter(config.drone_poll).count()));
        try {
            if (const auto code = judge(client.send(request), *build)) {
                return *code;
            }
        } catch (const http::NoAnswer&) {
            // A restart of the server, or of the network.
        }
    }
}

}  // namespace

program::Action add_watch_build(CLI::App& program) {
    auto options = std::make_shared<WatchOptions>();
    CLI::App* command = program.add_subcommand("watch-build");
    command->add_option("--repository", options->repository)->required();
    command->add_option("--number", options->number)->required();
    return [options](const run::Config& config, const std::vector<std::string>&) {
        return watch(config, *options);
    };
}

}  // namespace ccci::apps
