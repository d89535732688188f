#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ccci::inspect {

/// What tells a record that is worth a closer look from hundreds that are not.
struct Glance {
    bool ended = false;
    std::string created;  ///< the later the greater
};

/// From the text of a record as run::RunDir writes it, in a hundredth of the time that parsing it
/// takes. nullopt: it is written in another way, and has to be parsed.
std::optional<Glance> glance_at(std::string_view text);

}  // namespace ccci::inspect
