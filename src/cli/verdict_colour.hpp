#pragma once

#include "base/colour.hpp"
#include "run/verdict.hpp"

namespace ccci::cli {

/// What people look for first: green is well, yellow is what somebody wanted, red is the rest.
inline base::Colour colour_of(run::VerdictKind kind) {
    switch (kind) {
        case run::VerdictKind::passed:
            return base::Colour::green;
        case run::VerdictKind::cancelled:
        case run::VerdictKind::superseded:
            return base::Colour::yellow;
        default:
            return base::Colour::red;
    }
}

}  // namespace ccci::cli
