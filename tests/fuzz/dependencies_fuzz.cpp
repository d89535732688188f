#include "fuzz/fuzz.hpp"
#include "recipe/dependency_list.hpp"
#include "run/names.hpp"

#include <stdexcept>

// The list that a job leaves for the teardown, as anything in the job may have written it: a reason
// in one line, or domains that can be a file's name and an app's.

namespace ccci::fuzz {

void check(std::string_view input) {
    std::vector<recipe::DeployedDependency> dependencies;
    try {
        dependencies = recipe::parse_dependencies(input);
    } catch (const std::invalid_argument& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
        return;
    }
    for (const recipe::DeployedDependency& each : dependencies) {
        require(run::check_domain(each.domain) == each.domain, "a domain is one", each.domain);
        require(run::check_recipe(each.recipe) == each.recipe, "a recipe is one", each.recipe);
    }
    require(recipe::parse_dependencies(to_json(dependencies).dump()) == dependencies,
            "what is written is read again");
}

}  // namespace ccci::fuzz
