#pragma once

#include <cstddef>
#include <string>

#include "run/record.hpp"

namespace ccci::harness {

/// So many are kept; what a job tells beyond them is not heard. The teardown always is.
constexpr std::size_t k_most_phases = 64;

/// A phase of the harness's own begins, and the one before it is over.
void begin_phase(run::Record& record, const std::string& name, run::Time now);

/// The job has told what it is at now. False: nothing changes. `is_first`: it has not been at
/// anything else so far, which makes this what it has been at from its beginning.
bool tell_phase(run::Record& record, const std::string& name, bool is_first, run::Time now);

/// The last one is over, and none follows.
void end_phases(run::Record& record, run::Time now);

}  // namespace ccci::harness
