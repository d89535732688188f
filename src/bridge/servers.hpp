#pragma once

#include <functional>
#include <optional>
#include <string>

#include "bridge/plan.hpp"
#include "drone/client.hpp"
#include "gitea/client.hpp"

namespace ccci::bridge {

/// What an operator may want to know, a line each.
struct Log {
    std::function<void(const std::string& line)> info;
    std::function<void(const std::string& line)> warning;
};

/// A request that came to nothing.
struct Failure {
    std::string reason;  ///< for people, without addresses: it may be shown to everybody
    long status = 0;     ///< 0: there was no answer, or none that can be understood
    /// The same request may succeed later.
    bool is_passing = true;
    /// The server may have done what it was asked for.
    bool is_doubtful = false;
};

/// The two servers, each asked only while it is not held, and held when it is in trouble.
class Servers {
public:
    /// All are borrowed.
    Servers(gitea::Client& forge, drone::Client& drone, Surroundings& surroundings, const Log& log);

    /// Calls `request`, which makes requests to that server. nullopt: it succeeded.
    std::optional<Failure> ask_forge(const std::function<void(gitea::Client&)>& request, Time now);
    std::optional<Failure> ask_drone(const std::function<void(drone::Client&)>& request, Time now);

    [[nodiscard]] const Log& log() const { return log_; }
    [[nodiscard]] Surroundings& surroundings() const { return surroundings_; }

private:
    std::optional<Failure> ask(const std::string& name, Hold& hold,
                               const std::function<void()>& request, Time now);
    void keep_away(const std::string& name, Hold& hold, const std::string& detail,
                   std::optional<std::chrono::seconds> wanted, Time now);

    gitea::Client& forge_;
    drone::Client& drone_;
    Surroundings& surroundings_;
    const Log& log_;
};

/// Between 0 and 1.
double chance();

}  // namespace ccci::bridge
