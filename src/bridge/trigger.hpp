#pragma once

#include <optional>
#include <string_view>

#include "naming/stages.hpp"

namespace ccci::bridge {

/// Which lane a comment asks for, when it is "!testme" or "!testme --quick" and nothing else but
/// white space around it; nullopt for every other text.
std::optional<naming::Lane> parse_trigger(std::string_view text);

}  // namespace ccci::bridge
