#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recipe/interpolate.hpp"

namespace ccci::recipe {

struct EnvEntry {
    std::string name;
    std::string value;
    std::string comment;  ///< what follows "# " on the same line: "length=32"
    bool operator==(const EnvEntry&) const = default;
};

/// Reads an env file: NAME=value, one a line. A value may stand in single quotes (taken as it is)
/// or in double quotes (\n, \", \\ and \$ are known); outside of quotes " #" begins a comment.
/// $NAME and ${NAME} mean a value set further up in the same file, or nothing, so that a file may
/// append to its own COMPOSE_FILE. Throws RecipeError, which names `file` and the line.
std::vector<EnvEntry> parse_env(std::string_view text, std::string_view file);

/// The values by name; of several, the last one counts.
Variables to_variables(const std::vector<EnvEntry>& entries);

/// The same text with NAME set to `value`: where it is set already, else on a new last line.
std::string set_in_env(std::string_view text, std::string_view name, std::string_view value);

}  // namespace ccci::recipe
