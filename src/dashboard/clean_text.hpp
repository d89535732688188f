#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ccci::dashboard {

/// What a stranger's bytes look like to a reader: valid UTF-8 in one line of at most `limit` bytes.
/// Colours and other sequences of terminals are left out. Every other control character, and what
/// is no UTF-8 or turns the direction of the text around, is shown as U+FFFD; a tab stays. What was
/// cut ends with "…", which is not counted.
std::string clean_line(std::string_view text, std::size_t limit = std::string::npos);

}  // namespace ccci::dashboard
