#pragma once

#include <cstddef>
#include <string_view>

namespace ccci::base {

struct Utf8Character {
    char32_t code = 0;     ///< meaningful when valid
    std::size_t size = 1;  ///< in bytes; of what is not valid one is to be passed over
    bool valid = false;
};

/// The first character of a text that is not empty. Valid is what RFC 3629 allows: the shortest
/// form only, no surrogates, nothing above U+10FFFF.
Utf8Character first_character(std::string_view text);

}  // namespace ccci::base
