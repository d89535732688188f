#include "cli/verdict_colour.hpp"

namespace ccci::cli {

base::Colour colour_of(run::VerdictKind kind) {
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

base::Colour colour_of(const std::string& shown_state) {
    if (const auto verdict = run::verdict_kind_from(shown_state)) {
        return colour_of(*verdict);
    }
    return shown_state == "lost"      ? base::Colour::red
           : shown_state == "waiting" ? base::Colour::plain
                                      : base::Colour::cyan;
}

}  // namespace ccci::cli
