#pragma once

#include <string>

#include "base/colour.hpp"
#include "run/verdict.hpp"

namespace ccci::cli {

// What people look for first: green is well, yellow is what somebody wanted, red is the rest.

base::Colour colour_of(run::VerdictKind kind);
/// As inspect::shown_state() has it.
base::Colour colour_of(const std::string& shown_state);

}  // namespace ccci::cli
