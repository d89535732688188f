#include "bridge/servers.hpp"

#include <fmt/format.h>

#include <random>
#include <stdexcept>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "bridge/backoff.hpp"
#include "http/client.hpp"
#include "http/refused.hpp"

namespace ccci::bridge {

Servers::Servers(gitea::Client& forge, drone::Client& drone, Surroundings& surroundings,
                 const Log& log)
    : forge_{forge}, drone_{drone}, surroundings_{surroundings}, log_{log} {}

std::optional<Failure> Servers::ask_forge(const std::function<void(gitea::Client&)>& request,
                                          Time now) {
    return ask(
        "Gitea", surroundings_.forge, [&] { request(forge_); }, now);
}

std::optional<Failure> Servers::ask_drone(const std::function<void(drone::Client&)>& request,
                                          Time now) {
    return ask(
        "Drone", surroundings_.drone, [&] { request(drone_); }, now);
}

std::optional<Failure> Servers::ask(const std::string& name, Hold& hold,
                                    const std::function<void()>& request, Time now) {
    std::optional<Failure> failure;
    try {
        request();
    } catch (const http::NoAnswer& error) {
        keep_away(name, hold, error.what(), std::nullopt, now);
        return Failure{.reason = name + " does not answer", .is_doubtful = error.was_sent()};
    } catch (const std::invalid_argument& error) {
        keep_away(name, hold, fmt::format("{}: the answer {}", name, error.what()), std::nullopt,
                  now);
        return Failure{.reason = name + " answers what it should not", .is_doubtful = true};
    } catch (const http::Refused& error) {
        failure = Failure{.reason = fmt::format("{}: {}", name, error.what()),
                          .status = error.status(),
                          .is_passing = error.is_passing() || error.status() == 401,
                          .is_doubtful = error.is_doubtful()};
        if (failure->is_passing) {
            keep_away(name, hold, error.what(), error.retry_after(), now);
            return failure;
        }
    }
    if (hold.failures > 0) {
        log_.info(fmt::format("{} answers again", name));
    }
    hold = {};
    return failure;
}

void Servers::keep_away(const std::string& name, Hold& hold, const std::string& detail,
                        std::optional<std::chrono::seconds> wanted, Time now) {
    ++hold.failures;
    const std::chrono::milliseconds span = backoff(hold.failures, chance(), wanted);
    hold.until = now + span;
    if (hold.reason != detail) {
        hold.reason = detail;
        log_.warning(fmt::format("{}; {} is asked again after {}, and then ever less often",
                                 base::printable(detail, 300), name, base::format_duration(span)));
    }
}

double chance() {
    static std::mt19937 random{std::random_device{}()};
    return std::uniform_real_distribution<double>{0, 1}(random);
}

}  // namespace ccci::bridge
