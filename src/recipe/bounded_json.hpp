#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

namespace ccci::recipe {

/// Parses what anybody may have written. Copying and printing JSON recurses, so that what is nested
/// deeper than `depth_limit` is refused. Throws std::invalid_argument with the reason alone: "not
/// JSON: byte 7".
nlohmann::json parse_bounded_json(std::string_view text, int depth_limit);

}  // namespace ccci::recipe
