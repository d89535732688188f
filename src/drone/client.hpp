#pragma once

#include <string>
#include <utility>
#include <vector>

#include "drone/build.hpp"
#include "http/client.hpp"

namespace ccci::drone {

/// Names and values of a build's parameters, which its steps have in their environment.
using Parameters = std::vector<std::pair<std::string, std::string>>;

/// The part of Drone's API that the bridge needs, with the rights of one token, for one repository
/// ("owner/name", checked by the caller). Every call blocks, and throws http::NoAnswer,
/// http::Refused, or std::invalid_argument for an answer that is not what was asked for.
class Client {
public:
    /// The client is borrowed.
    Client(http::Client& http, const std::string& server, const std::string& token,
           const std::string& repository);

    /// Starts a build of the branch's head. nullopt: Drone has skipped it, because the commit's
    /// message asks for that.
    std::optional<Build> start(const std::string& branch, const Parameters& parameters);

    Build build(std::int64_t number);

    /// A page of its builds, from 1 on, the newest first; empty: there is none more.
    std::vector<Build> builds(int page);

    /// Where people look at a build.
    [[nodiscard]] std::string page_of(std::int64_t number) const;

private:
    http::Answer send(const std::string& method, const std::string& url);

    http::Client& http_;
    std::string server_;
    std::string authorization_;
    std::string repository_;
};

}  // namespace ccci::drone
