#pragma once

#include "bridge/state.hpp"

namespace ccci::bridge {

/// 2026-03-01T09:22:30Z, when everything happens.
inline const Time k_moment = std::chrono::system_clock::from_time_t(1'772'356'950);

}  // namespace ccci::bridge
