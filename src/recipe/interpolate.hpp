#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::recipe {

using Variables = std::map<std::string, std::string>;

struct Interpolated {
    std::string text;
    std::vector<std::string> unset;  ///< names that were not set and had no default: replaced by ""
};

/// Replaces variables as `docker stack deploy` does: $NAME, ${NAME}, ${NAME:-default},
/// ${NAME-default}, ${NAME:?error}, ${NAME?error}; $$ is a dollar sign. Defaults may hold
/// variables. Throws std::invalid_argument with the reason alone for a variable that is required
/// and missing, and for a dollar sign that begins none of these.
Interpolated interpolate(std::string_view text, const Variables& variables);

/// A letter or '_', then letters, digits and '_'.
bool is_variable_name(std::string_view text);

}  // namespace ccci::recipe
