#pragma once

#include <sys/types.h>

#include "run/record.hpp"

namespace ccci::launch {

/// is_carried() for whoever may look at that run: a user's manager is asked by its own user
/// only, and does not keep us waiting.
bool is_carried(uid_t owner, const run::Record& record);

}  // namespace ccci::launch
