#include "recipe/interpolate.hpp"

#include <stdexcept>

#include "base/text.hpp"
#include "fuzz/fuzz.hpp"

// Variables in compose files: std::invalid_argument, or text in which no value was looked at again.

namespace ccci::fuzz {

void check(std::string_view input) {
    const std::string quoted = base::replace_all(std::string{input}, "$", "$$");
    require(recipe::interpolate(quoted, {}).text == input, "$$ is a dollar sign", input);
    const recipe::Variables variables{{"A", "$B ${C} $$"}, {"EMPTY", ""}, {"_9", "x"}};
    try {
        const recipe::Interpolated result = recipe::interpolate(input, variables);
        for (const std::string& name : result.unset) {
            require(recipe::is_variable_name(name) && !variables.contains(name), "an unset name",
                    name);
        }
        if (input.find('$') == std::string_view::npos) {
            require(result.text == input, "plain text stays", input);
        }
    } catch (const std::invalid_argument& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
    }
}

}  // namespace ccci::fuzz
