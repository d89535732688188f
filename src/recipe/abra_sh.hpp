#pragma once

#include <string_view>

#include "recipe/interpolate.hpp"

namespace ccci::recipe {

/// The variables that a recipe's abra.sh exports for its compose files, read without running it.
/// Only whole lines of the form `export NAME=value` count, the value bare or in quotes; one that
/// needs a shell ($, `, \, blanks outside of quotes) is left out, as is everything inside
/// functions.
Variables parse_abra_exports(std::string_view text);

}  // namespace ccci::recipe
