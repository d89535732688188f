#include "recipe/compose_yaml.hpp"

namespace ccci::recipe {

YAML::Node find(const YAML::Node& map, const std::string& key) {
    if (!map.IsMap()) {
        return YAML::Node{YAML::NodeType::Undefined};
    }
    if (const YAML::Node direct = map[key]; direct.IsDefined()) {
        return direct;
    }
    const YAML::Node merged = map["<<"];
    if (merged.IsDefined() && merged.IsMap()) {
        return find(merged, key);
    }
    if (merged.IsDefined() && merged.IsSequence()) {
        for (const YAML::Node& each : merged) {
            if (const YAML::Node found = find(each, key); found.IsDefined()) {
                return found;
            }
        }
    }
    return YAML::Node{YAML::NodeType::Undefined};
}

std::string text_of(const YAML::Node& node) {
    return node.IsDefined() && node.IsScalar() ? node.Scalar() : std::string{};
}

std::vector<std::string> read_labels(const YAML::Node& labels) {
    std::vector<std::string> result;
    if (labels.IsDefined() && labels.IsSequence()) {
        for (const YAML::Node& label : labels) {
            result.push_back(text_of(label));
        }
    } else if (labels.IsDefined() && labels.IsMap()) {
        for (const auto& entry : labels) {
            result.push_back(entry.first.Scalar() + "=" + text_of(entry.second));
        }
    }
    return result;
}

bool is_external(const YAML::Node& object) {
    const YAML::Node external = find(object, "external");
    return external.IsDefined() && (external.IsMap() || text_of(external) == "true");
}

}  // namespace ccci::recipe
