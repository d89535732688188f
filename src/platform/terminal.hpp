#pragma once

#include <utility>

#include "base/unique_fd.hpp"

namespace ccci::platform {

/// A new pseudo-terminal: {our end, the end for a program}, both close-on-exec. It neither echoes
/// nor changes what is written to it. Throws std::system_error.
std::pair<base::UniqueFd, base::UniqueFd> make_terminal();

}  // namespace ccci::platform
