#include "base/text.hpp"

#include <stdexcept>

#include "base/process.hpp"
#include "fuzz/fuzz.hpp"

// The small tools that everything from outside goes through.

namespace ccci::fuzz {

namespace {

void check_time(const std::string& text) {
    try {
        const auto time = base::parse_time(text);
        require(base::parse_time(base::format_time(time)) == time, "a time leads back", text);
    } catch (const std::invalid_argument& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
    }
}

void check_variables(std::string_view input) {
    const std::string name = take_line(input);
    const std::string value = take_line(input);
    std::vector<std::string> environment = base::split(input, '\n');
    if (name.empty() || name.find('=') != std::string::npos) {
        return;
    }
    base::set_variable(environment, name, value);
    require(base::find_variable(environment, name) == value, "what is set is found", name);
}

}  // namespace

void check(std::string_view input) {
    const std::string shown = base::printable(input, 50);
    require(is_printable(shown) && shown.size() <= 4 * 50 + 3, "printable, and cut", shown);
    require(base::join(base::split(input, ','), ",") == input, "parts lead back", input);
    const std::string_view trimmed = base::trim(input);
    require(base::trim(trimmed) == trimmed && input.find(trimmed) != std::string_view::npos,
            "nothing but the ends is cut", input);
    check_time(std::string{input});
    check_variables(input);
}

}  // namespace ccci::fuzz
