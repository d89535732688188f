#include "recipe/env_file.hpp"

#include <fmt/format.h>

#include <cctype>

#include "base/text.hpp"
#include "recipe/recipe_error.hpp"

namespace ccci::recipe {

namespace {

struct Value {
    std::string text;
    std::string comment;
};

/// Thrown inside of one line, where neither the file nor the line number is known.
struct LineError {
    std::string reason;
};

bool in_variable_name(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Upper-case names only, and any other dollar sign is a plain one: values such as password hashes
/// are full of them.
std::string expand(std::string_view text, const Variables& variables) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '$') {
            result += text[at++];
            continue;
        }
        const bool braces = text.substr(at).starts_with("${");
        const std::size_t begin = at + (braces ? 2 : 1);
        std::size_t end = begin;
        while (end < text.size() && in_variable_name(text[end])) {
            ++end;
        }
        const bool closed = !braces || (end < text.size() && text[end] == '}');
        const std::string name{text.substr(begin, end - begin)};
        if (!is_variable_name(name) || !closed) {
            result += text[at++];
            continue;
        }
        const auto found = variables.find(name);
        result += found != variables.end() ? found->second : "";
        at = end + (braces ? 1 : 0);
    }
    return result;
}

std::string comment_in(std::string_view rest) {
    rest = base::trim(rest);
    if (rest.empty()) {
        return {};
    }
    if (!rest.starts_with('#')) {
        throw LineError{fmt::format("'{}' follows the closing quote", base::printable(rest, 40))};
    }
    return std::string{base::trim(rest.substr(1))};
}

Value single_quoted(std::string_view text) {
    const std::size_t end = text.find('\'', 1);
    if (end == std::string_view::npos) {
        throw LineError{"the quote is not closed on its line"};
    }
    return {std::string{text.substr(1, end - 1)}, comment_in(text.substr(end + 1))};
}

Value double_quoted(std::string_view text, const Variables& variables) {
    std::string result;
    std::string expandable;
    const auto flush = [&] {
        result += expand(expandable, variables);
        expandable.clear();
    };
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == '"') {
            flush();
            return {result, comment_in(text.substr(at + 1))};
        }
        if (text[at] != '\\' || at + 1 == text.size()) {
            expandable += text[at];
            continue;
        }
        // An escaped character is no part of a variable, so what came before is expanded alone.
        flush();
        ++at;
        switch (text[at]) {
            case 'n':
                result += '\n';
                break;
            case '"':
            case '\\':
            case '$':
                result += text[at];
                break;
            default:
                result += '\\';
                result += text[at];
        }
    }
    throw LineError{"the quote is not closed on its line"};
}

Value unquoted(std::string_view text, const Variables& variables) {
    std::size_t end = 0;
    while (end < text.size() &&
           !(text[end] == '#' && end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\t'))) {
        ++end;
    }
    const std::string comment{end < text.size() ? base::trim(text.substr(end + 1))
                                                : std::string_view{}};
    return {expand(base::trim(text.substr(0, end)), variables), comment};
}

Value parse_value(std::string_view text, const Variables& variables) {
    const std::string_view trimmed = base::trim(text);
    if (trimmed.starts_with('\'')) {
        return single_quoted(trimmed);
    }
    if (trimmed.starts_with('"')) {
        return double_quoted(trimmed, variables);
    }
    // Not trimmed: white space before a '#' makes it a comment, also when there is no value.
    return unquoted(text, variables);
}

bool is_plain(std::string_view value) {
    for (const char c : value) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 &&
            std::string_view{"._:/@+,=-"}.find(c) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

std::string quote(std::string_view value) {
    if (is_plain(value)) {
        return std::string{value};
    }
    std::string result = "\"";
    for (const char c : value) {
        if (c == '\n') {
            result += "\\n";
            continue;
        }
        if (c == '"' || c == '\\' || c == '$') {
            result += '\\';
        }
        result += c;
    }
    return result + '"';
}

std::string_view name_on(std::string_view line) {
    const std::size_t equals = line.find('=');
    return equals == std::string_view::npos ? std::string_view{}
                                            : base::trim(line.substr(0, equals));
}

}  // namespace

std::vector<EnvEntry> parse_env(std::string_view text, std::string_view file) {
    std::vector<EnvEntry> entries;
    Variables so_far;
    int number = 0;
    for (const std::string& line : base::split(text, '\n')) {
        ++number;
        const std::string_view content = base::trim(line);
        if (content.empty() || content.starts_with('#')) {
            continue;
        }
        try {
            const std::string_view name = name_on(content);
            if (!is_variable_name(name)) {
                throw LineError{
                    fmt::format("want NAME=value, not '{}'", base::printable(content, 40))};
            }
            Value value = parse_value(content.substr(content.find('=') + 1), so_far);
            so_far[std::string{name}] = value.text;
            entries.push_back({std::string{name}, std::move(value.text), std::move(value.comment)});
        } catch (const LineError& error) {
            throw RecipeError{fmt::format("{} line {}: {}", file, number, error.reason)};
        }
    }
    return entries;
}

Variables to_variables(const std::vector<EnvEntry>& entries) {
    Variables variables;
    for (const EnvEntry& entry : entries) {
        variables[entry.name] = entry.value;
    }
    return variables;
}

std::string set_in_env(std::string_view text, std::string_view name, std::string_view value) {
    const std::string assignment = fmt::format("{}={}", name, quote(value));
    std::vector<std::string> lines = base::split(text, '\n');
    bool found = false;
    for (std::string& line : lines) {
        if (name_on(line) == name) {
            line = assignment;
            found = true;
        }
    }
    if (!found) {
        // The text after the last newline is empty in a well-formed file: it becomes the new line.
        if (!lines.back().empty()) {
            lines.emplace_back();
        }
        lines.back() = assignment;
        lines.emplace_back();
    }
    return base::join(lines, "\n");
}

}  // namespace ccci::recipe
