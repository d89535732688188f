#pragma once

#include <string>

#include "inspect/run_report.hpp"

namespace ccci::inspect {

// What a report says in words, for people. Empty: nothing is known of it, or nothing is worth
// saying. None has anything in it that a job said.

std::string span_text(run::Time from, run::Time to);
/// "1h, 59min 56s left; then 10min for the teardown"
std::string deadline_text(const RunReport& report);
/// "cpu 886ms, memory 64.0M at most"
std::string resources_text(const RunReport& report);
std::string pressure_text(const RunReport& report);
/// What the journal has lost.
std::string journal_text(const RunReport& report);

}  // namespace ccci::inspect
