#pragma once

#include "lease/keeper_line.hpp"

namespace ccci::keeper {

/// To whoever started us, on standard output. Not an error when nobody listens any more.
void say(const lease::KeeperLine& line);

}  // namespace ccci::keeper
