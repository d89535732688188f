#include <set>

#include "fuzz/fuzz.hpp"
#include "platform/command_platform.hpp"
#include "run/names.hpp"

// What the operator's list_command prints: run apps alone, each once; whatever else is no domain is
// shown in a form that cannot hurt a terminal.

namespace ccci::fuzz {

void check(std::string_view input) {
    static const auto k_pattern = run::RunAppPattern::for_base_domain("ci.example.net");
    const platform::Listing listing = platform::parse_listing(std::string{input}, k_pattern);
    std::set<std::string> seen;
    for (const platform::App& app : listing.apps) {
        require(k_pattern.matches(app.domain), "a run app", app.domain);
        require(seen.insert(app.domain).second, "each once", app.domain);
    }
    for (const std::string& line : listing.invalid) {
        require(is_printable(line), "printable", line);
    }
}

}  // namespace ccci::fuzz
