#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

namespace ccci::recipe {

// Parts of compose files, as they are written: no variable is replaced.

/// The value of a key, also of one that comes in through a merge key ("<<: *defaults"). Undefined
/// when there is none.
YAML::Node find(const YAML::Node& map, const std::string& key);

/// Of a scalar; empty for anything else.
std::string text_of(const YAML::Node& node);

/// A list of "name=value", or a mapping; "name=value" each.
std::vector<std::string> read_labels(const YAML::Node& labels);

/// "external: true", or the older "external: {name: ...}".
bool is_external(const YAML::Node& object);

}  // namespace ccci::recipe
