#pragma once

#include <string>
#include <string_view>

namespace ccci::base {

enum class Colour { plain, bold, dim, red, green, yellow, cyan };

/// Whether people see colours there: a terminal, not a "dumb" one, and they have not asked for none
/// (NO_COLOR set and not empty, no-color.org).
bool may_colour(int fd);

/// The text between the terminal's sequences for that colour and for none (ECMA-48, SGR).
std::string paint(Colour colour, std::string_view text);

}  // namespace ccci::base
