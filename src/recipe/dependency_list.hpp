#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "recipe/run_tree.hpp"

namespace ccci::recipe {

/// A dependency of a run, and where it is.
struct DeployedDependency {
    std::string recipe;
    std::string domain;
    std::string url;  ///< where it answers; empty until it does
    bool operator==(const DeployedDependency&) const = default;
};

/// As in the file that CCCI_DEPS_FILE names.
nlohmann::json to_json(const std::vector<DeployedDependency>& dependencies);

/// Reads what to_json() made. Whoever runs in a job could have written something else: throws
/// std::invalid_argument with the reason alone.
std::vector<DeployedDependency> parse_dependencies(std::string_view text);

/// Tells the teardown, whoever runs it, what is to be torn down: before there is anything.
void write_teardown_list(const RunTree& tree, const std::vector<DeployedDependency>& dependencies);

/// Tells hooks and tests what they can use.
void write_deps_file(const RunTree& tree, const std::vector<DeployedDependency>& dependencies);

/// "keycloak-x": "CCCI_DEP_KEYCLOAK_X".
std::string dependency_variable(const std::string& recipe);

}  // namespace ccci::recipe
