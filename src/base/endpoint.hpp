#pragma once

#include <string>

#include "base/unique_fd.hpp"

namespace ccci::base {

/// Whether this is an address to listen on: "127.0.0.1:8790", "[::1]:8790". No host names: they
/// may mean another address tomorrow. Port 0 means a free one.
bool is_endpoint(const std::string& text);

/// A TCP socket that listens there, close-on-exec. Throws std::system_error;
/// std::invalid_argument for what is no endpoint.
UniqueFd listen_on(const std::string& endpoint);

/// Where a TCP socket listens, in the same form. Throws std::system_error.
std::string endpoint_of(int socket);

}  // namespace ccci::base
