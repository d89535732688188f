#include <algorithm>
#include <stdexcept>

#include "fuzz/fuzz.hpp"
#include "platform/abra_answer.hpp"

// What the abra command writes: services or a complaint, and lines that may be shown.

namespace ccci::fuzz {

void check(std::string_view input) {
    const std::string fatal = platform::fatal_line(input);
    require(fatal.empty() || fatal.starts_with("FATA "), "abra's own words", fatal);
    require(is_printable(fatal + "x"), "printable", fatal);
    require(is_printable(platform::plain_line(input) + "x"), "printable");
    if (const auto version = platform::find_version(input)) {
        require(version->find_first_not_of("0123456789.-beta") == std::string::npos, "a version",
                *version);
    }
    try {
        const auto services = platform::parse_abra_services(input);
        require(is_printable(platform::doubt_about(services, {"app"}) + "x"), "printable");
    } catch (const std::invalid_argument& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
    }
}

}  // namespace ccci::fuzz
