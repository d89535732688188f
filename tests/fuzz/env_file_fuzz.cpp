#include "recipe/env_file.hpp"

#include "fuzz/fuzz.hpp"
#include "recipe/recipe_error.hpp"

// A value on the first line, an env file in the rest. A RecipeError, or entries with names that are
// names; and a value that is set in such a file is read from it, while all others stay as they
// were.

namespace ccci::fuzz {

void check(std::string_view input) {
    const std::string value = take_line(input);
    recipe::Variables before;
    try {
        before = to_variables(recipe::parse_env(input, "env"));
    } catch (const recipe::RecipeError& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
        return;
    }
    for (const auto& [name, each] : before) {
        require(recipe::is_variable_name(name), "a name", name);
    }
    const std::string text = recipe::set_in_env(input, "THE_ONE", value);
    recipe::Variables after = to_variables(recipe::parse_env(text, "env"));
    require(after["THE_ONE"] == value, "what is set is read", text);
    // Others may have been made of it: $THE_ONE.
    if (input.find("THE_ONE") == std::string_view::npos) {
        after.erase("THE_ONE");
        require(after == before, "nothing else is changed", text);
    }
}

}  // namespace ccci::fuzz
