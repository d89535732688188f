#pragma once

#include <string>
#include <string_view>

namespace ccci::platform {

/// RFC 4648 with padding: how the engine takes binary data in JSON.
std::string to_base64(std::string_view data);

}  // namespace ccci::platform
