#include "run/names.hpp"

#include <algorithm>
#include <filesystem>

#include "fuzz/fuzz.hpp"
#include "locks/domain_lock.hpp"
#include "run/usage_error.hpp"

// Names that come from whoever can push to a repository. What is accepted names one file in one
// directory, is no option of any command, and needs no quoting.

namespace ccci::fuzz {

namespace {

void require_harmless(const std::string& name, bool may_have_slashes) {
    require(!name.empty() && name.size() <= 200, "not empty, not long", name);
    require(is_printable(name), "printable", name);
    require(name.front() != '-' && name.front() != '/' && name.front() != '.', "begins well", name);
    require(name.find_first_of(" '\"\\$`;&|<>()*?[]{}!#~%:@=,^") == std::string::npos,
            "nothing that a shell, systemd or git reads as more than a name", name);
    const std::filesystem::path path = std::filesystem::path{"/srv/here"} / name;
    require(path.lexically_normal() == path, "stays where it is put", name);
    require(may_have_slashes || path.parent_path() == "/srv/here", "one file", name);
}

void check_domain(const std::string& text) {
    const std::string domain = run::check_domain(text);
    require_harmless(domain, false);
    require(run::domain_of_stack(run::stack_name(domain)) == domain, "stack names lead back",
            domain);
    const auto lock = locks::lock_path("/run/lock", domain);
    require(lock.parent_path() == "/run/lock" && locks::domain_of(lock) == domain,
            "lock files lead back", domain);
    require(lock.filename().native().size() <= 255, "fits a file name", domain);
}

void check_pattern(std::string_view input) {
    const std::string domain = take_line(input);
    const run::RunAppPattern pattern{std::string{input}};
    // The operator's: with repetitions of repetitions he can write one that takes for ever.
    const auto repeats = std::ranges::count_if(
        input, [](char c) { return std::string_view{"*+?{"}.find(c) != std::string_view::npos; });
    if (repeats < 2 && pattern.matches(domain)) {
        check_domain(domain);
    }
}

}  // namespace

void check(std::string_view input) {
    const std::uint8_t which = take_byte(input);
    const std::string text{input};
    try {
        switch (which % 6) {
            case 0:
                check_domain(text);
                break;
            case 1:
                require_harmless(run::check_run_id(text), false);
                break;
            case 2:
                require_harmless(run::check_recipe(text), false);
                break;
            case 3:
                require_harmless(run::check_ref(text), true);
                require(!text.ends_with(".lock") && text.find("//") == std::string::npos,
                        "a name that git allows", text);
                break;
            case 4:
                require(run::check_pull_request(text).find_first_not_of("0123456789") ==
                            std::string::npos,
                        "digits", text);
                break;
            default:
                check_pattern(input);
        }
    } catch (const run::UsageError& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
    }
}

}  // namespace ccci::fuzz
