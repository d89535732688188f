#pragma once

#include <string>

namespace ccci::test {

/// What carries the runs of this program's scenarios, as the option --manager has it.
std::string manager();

/// Whether such a run has a unit.
inline bool has_unit() {
    return manager() != "none";
}

}  // namespace ccci::test
