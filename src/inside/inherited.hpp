#pragma once

#include "base/unique_fd.hpp"

namespace ccci::inside {

/// The descriptors that a harness, or its ExecStopPost, was born with.
struct Inherited {
    base::UniqueFd lock;  ///< the locked file of the domain; empty for a run without one
    base::UniqueFd link;  ///< the unit's end of the link
};

/// In a unit the lock is stdin and the link is stdout and stderr; in a scope they are 4 and 3, and
/// the first three are the step's own and stay the job's.
enum class Place { unit, scope };

/// Moves both out of the way of everything that will be started, close-on-exec, and leaves
/// /dev/null where they were. Throws std::system_error.
Inherited take_inherited(Place place);

}  // namespace ccci::inside
