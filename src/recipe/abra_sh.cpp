#include "recipe/abra_sh.hpp"

#include <optional>
#include <string>

#include "base/text.hpp"

namespace ccci::recipe {

namespace {

std::optional<std::string> plain_value(std::string_view text) {
    text = base::trim(text.substr(0, text.find(" #")));
    const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                        text.back() == text.front();
    if (quoted) {
        text = text.substr(1, text.size() - 2);
    }
    const std::string_view needs_a_shell = quoted ? "$`\\\"'" : "$`\\\"' \t;&|<>()*?[]{}~#!";
    if (text.find_first_of(needs_a_shell) != std::string_view::npos) {
        return std::nullopt;
    }
    return std::string{text};
}

}  // namespace

Variables parse_abra_exports(std::string_view text) {
    constexpr std::string_view k_export = "export ";
    Variables variables;
    for (const std::string& line : base::split(text, '\n')) {
        if (!line.starts_with(k_export)) {
            continue;
        }
        const std::string_view assignment =
            base::trim(std::string_view{line}.substr(k_export.size()));
        const std::size_t equals = assignment.find('=');
        if (equals == std::string_view::npos || !is_variable_name(assignment.substr(0, equals))) {
            continue;
        }
        if (const auto value = plain_value(assignment.substr(equals + 1))) {
            variables[std::string{assignment.substr(0, equals)}] = *value;
        }
    }
    return variables;
}

}  // namespace ccci::recipe
