#pragma once

#include "scenarios/scenario.hpp"

namespace ccci::test {

/// What must hold whatever carries the run.
class RunTest : public Scenario {};

}  // namespace ccci::test
