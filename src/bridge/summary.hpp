#pragma once

#include <optional>
#include <string>

#include "bridge/state.hpp"

namespace ccci::bridge {

/// What results.json says, for a comment; nullopt for what is none. A run's job could write that
/// file itself, so nothing but numbers and known words are taken as they are.
std::optional<Summary> parse_summary(const std::string& text);

}  // namespace ccci::bridge
