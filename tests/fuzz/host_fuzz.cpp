#include <nlohmann/json.hpp>

#include "doctor/mounts.hpp"
#include "fuzz/fuzz.hpp"
#include "health/check.hpp"
#include "health/docker_checks.hpp"
#include "health/unit_properties.hpp"

// What systemctl, the kernel, the engine and our own other program say of a host.

namespace ccci::fuzz {

void check(std::string_view input) {
    const std::string text{input};
    for (const auto& [name, unit] : health::parse_units(input)) {
        require(unit["Id"] == name, "a unit is known by its Id", name);
    }
    require(health::parse_version(input) >= 0, "a version is no negative number", text);
    (void)health::parse_unit_span(text);
    (void)health::subnets_of(text, 24);
    const doctor::Mount mount = doctor::find_mount(input, "/run/lock/x");
    require(!mount.point.empty(), "every path is on a mount", text);

    const std::string word = health::shell_word(text);
    require(word.front() == '\'' ||
                word.find_first_of(" \t\n;&|<>$`\"\\*?[#~(){}!") == std::string::npos,
            "what a shell reads as more than a word is quoted", word);

    try {
        const auto checks = nlohmann::json::parse(text).get<health::Checks>();
        require(nlohmann::json(checks).get<health::Checks>() == checks, "a check survives its JSON",
                text);
    } catch (const nlohmann::json::exception&) {
    } catch (const std::invalid_argument&) {
    }
}

}  // namespace ccci::fuzz
