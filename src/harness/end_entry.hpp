#pragma once

#include <string>
#include <vector>

#include "run/record.hpp"

namespace ccci::harness {

/// The journal's entry about the end of a run: CC_CI_EVENT=ended with CC_CI_VERDICT and
/// CC_CI_EXIT_CODE.
///
/// There is one for each run that is no child of its step alone: whoever is the last to have a say
/// in the verdict writes it, just before it removes the request. The harness, if it left nothing
/// behind; else ExecStopPost; else the step, which also speaks for runs that were never carried.
std::string end_message(const run::Record& record);
std::vector<std::string> end_fields(const run::Record& record);

/// "run 267 of shop.example.net began, deadline 1h"
std::string start_message(const run::Record& record);

/// Both by the step.
void log_start(const run::Record& record);
void log_end(const run::Record& record);

}  // namespace ccci::harness
