#pragma once

#include <string>

#include "run/record.hpp"

namespace ccci::inspect {

/// A line each, for people.
struct Advice {
    std::string meaning;  ///< of the state or the verdict
    std::string next;     ///< what to do; empty: nothing
};

/// `state` as shown_state() has it.
Advice advice_on(const run::Record& record, const std::string& state);

}  // namespace ccci::inspect
