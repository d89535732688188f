#pragma once

#include <optional>
#include <string>
#include <string_view>

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

}  // namespace ccci::drone
