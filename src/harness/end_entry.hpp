#pragma once

#include "run/record.hpp"

namespace ccci::harness {

/// Whether the journal knows the writer for a process of the run's unit.
enum class Writer { of_the_unit, step };

/// The journal's entry about the end of a run that a unit carried: CC_CI_EVENT=ended with
/// CC_CI_VERDICT, CC_CI_RUN and CC_CI_DOMAIN.
///
/// There is one for each run: whoever is the last to have a say in the verdict writes it, just
/// before it removes the request. The harness, if it left nothing behind; else ExecStopPost; else
/// the step.
void log_end(const run::Record& record, Writer writer);

}  // namespace ccci::harness
