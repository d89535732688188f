#include "recipe/abra_sh.hpp"

#include "fuzz/fuzz.hpp"

// The exports of an abra.sh, which is read and not run: never an exception, and no value that a
// shell would have made something else of.

namespace ccci::fuzz {

void check(std::string_view input) {
    for (const auto& [name, value] : recipe::parse_abra_exports(input)) {
        require(recipe::is_variable_name(name), "a name", name);
        require(value.find_first_of("$`\\\"'\n") == std::string::npos, "a plain value", value);
    }
}

}  // namespace ccci::fuzz
