#pragma once

#include <string>
#include <string_view>

namespace ccci::bridge {

/// The lower-case hexadecimal HMAC-SHA256 of the body.
std::string sign(std::string_view body, std::string_view secret);

/// Whether that is the signature of this very body; in a time that does not depend on how much of
/// it is right. Nothing is signed by an empty secret.
bool is_signed(std::string_view body, std::string_view signature, std::string_view secret);

}  // namespace ccci::bridge
