#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ccci::base {

/// RFC 4648 with padding: how JSON carries any bytes.
std::string to_base64(std::string_view data);

/// The inverse; nullopt for anything that to_base64() does not make.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace ccci::base
