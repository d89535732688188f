#include "recipe/dependency_list.hpp"

#include <fmt/format.h>

#include <cctype>
#include <stdexcept>

#include "base/files.hpp"
#include "base/text.hpp"
#include "recipe/bounded_json.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::recipe {

namespace {

using json = nlohmann::json;

constexpr int k_list_depth = 4;

void write_list(const std::filesystem::path& file,
                const std::vector<DeployedDependency>& dependencies) {
    base::write_file_atomically(file, to_json(dependencies).dump(2) + "\n", 0644);
}

DeployedDependency parse_dependency(const json& item) {
    try {
        return {.recipe = run::check_recipe(item.at("recipe").get<std::string>()),
                .domain = run::check_domain(item.at("domain").get<std::string>()),
                .url = item.at("url").get<std::string>()};
    } catch (const json::exception&) {
        throw std::invalid_argument{"want a list of objects with recipe, domain and url"};
    } catch (const run::UsageError& error) {
        throw std::invalid_argument{error.what()};
    }
}

}  // namespace

json to_json(const std::vector<DeployedDependency>& dependencies) {
    json list = json::array();
    for (const DeployedDependency& each : dependencies) {
        list.push_back({{"recipe", each.recipe}, {"domain", each.domain}, {"url", each.url}});
    }
    return list;
}

std::vector<DeployedDependency> parse_dependencies(std::string_view text) {
    const json list = parse_bounded_json(text, k_list_depth);
    if (!list.is_array()) {
        throw std::invalid_argument{"want a list"};
    }
    std::vector<DeployedDependency> dependencies;
    for (const json& item : list) {
        dependencies.push_back(parse_dependency(item));
    }
    return dependencies;
}

void write_teardown_list(const RunTree& tree, const std::vector<DeployedDependency>& dependencies) {
    write_list(tree.teardown_list(), dependencies);
}

void write_deps_file(const RunTree& tree, const std::vector<DeployedDependency>& dependencies) {
    write_list(tree.deps(), dependencies);
}

std::string dependency_variable(const std::string& recipe) {
    std::string name = "CCCI_DEP_";
    for (const char c : recipe) {
        name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name;
}

}  // namespace ccci::recipe
