#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ccci::cli {

/// How many columns of a terminal a text of UTF-8 takes: none for a combining mark, two for a wide
/// character. A byte that is no UTF-8 counts as a column.
std::size_t width_of(std::string_view text);

/// The text, or if it is wider than that as much of its beginning as there is room for before the
/// ellipsis. Characters stay whole.
std::string shorten(std::string_view text, std::size_t width, std::string_view ellipsis);

}  // namespace ccci::cli
