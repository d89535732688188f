#pragma once

#include <string>
#include <string_view>

namespace ccci::http {

/// One part of a path, or one name or value of a query: every byte but RFC 3986's unreserved ones
/// becomes %XX.
std::string encode(std::string_view part);

/// Without the slashes at its end, so that a path may follow.
std::string without_slash(std::string_view server);

/// What is sent there in the clear stays on this host: https, or a loopback address by its number
/// or as "localhost".
bool keeps_secrets(std::string_view server);

}  // namespace ccci::http
