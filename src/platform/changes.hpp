#pragma once

#include <string>
#include <vector>

#include "platform/convergence.hpp"

namespace ccci::platform {

/// What moved between two looks at an app, a sentence for each: a service that came or went, an
/// image (by its digest where the Swarm resolved it), a label. Empty: a deploy in between did
/// nothing.
std::vector<std::string> changes_between(const std::vector<ServiceFacts>& before,
                                         const std::vector<ServiceFacts>& after);

}  // namespace ccci::platform
