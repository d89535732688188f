#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::drone {

/// A build of Drone: "owner/name" of its repository, and its number there.
struct BuildId {
    std::string repository;
    std::string number;

    bool operator==(const BuildId&) const = default;
};

/// The same, checked: both come from an environment, and go into a URL. nullopt for what Drone does
/// not call anything.
std::optional<BuildId> parse_build_id(const std::string& repository, const std::string& number);

/// Where a server tells about a build (docs.drone.io/api/builds/build_info).
std::string build_url(const std::string& server, const BuildId& build);

/// The build's status in such an answer, JSON: "running", "killed", ... nullopt: it is none.
std::optional<std::string> parse_status(std::string_view text);

/// What Drone says of a build.
struct Build {
    std::int64_t number = 0;
    std::string status;  ///< "pending", "running", "success", "killed", ...
    std::string error;   ///< why it could not run; empty: nothing
    std::chrono::system_clock::time_point created;
    std::chrono::system_clock::time_point finished;  ///< the epoch: not yet
    std::map<std::string, std::string> parameters;

    /// Nothing of it runs or will run (core/build.go, IsDone).
    [[nodiscard]] bool is_over() const;
    bool operator==(const Build&) const = default;
};

/// Throws std::invalid_argument for what is none.
Build parse_build(std::string_view text);

/// The answer to a request to start one: nullopt for `null`, which means that it was skipped.
/// Throws std::invalid_argument.
std::optional<Build> parse_started(std::string_view text);

/// Throws std::invalid_argument.
std::vector<Build> parse_builds(std::string_view text);

/// The build that was started with this parameter; of several the first, since whoever restarts a
/// build makes another one with the same parameters.
std::optional<Build> find_build(const std::vector<Build>& builds, const std::string& parameter,
                                const std::string& value);

}  // namespace ccci::drone
