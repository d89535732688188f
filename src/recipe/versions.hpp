#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::recipe {

/// Whether a tag is a published version: "1.2.0+4.5.1", the recipe's own and, after the plus sign,
/// the app's, which has no fixed form.
bool is_version(std::string_view tag);

/// The newest of the tags that are versions: by the recipe's own, then by the app's, in which runs
/// of digits count as numbers. nullopt when none is one.
std::optional<std::string> newest_version(const std::vector<std::string>& tags);

}  // namespace ccci::recipe
