#include "recipe/interpolate.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "base/text.hpp"

namespace ccci::recipe {

namespace {

/// Deeper than any recipe nests its defaults.
constexpr int k_nesting_limit = 20;

bool begins_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool continues_name(char c) {
    return begins_name(c) || (c >= '0' && c <= '9');
}

std::string_view leading_name(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() && (end == 0 ? begins_name(text[end]) : continues_name(text[end]))) {
        ++end;
    }
    return text.substr(0, end);
}

[[noreturn]] void reject(std::string_view text) {
    throw std::invalid_argument{
        fmt::format("'{}' is no variable; write $$ for a dollar sign", base::printable(text, 40))};
}

/// What is between "${" and its "}"; `text` begins after the "${".
std::string_view braced(std::string_view text) {
    int open = 1;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text.substr(at).starts_with("${")) {
            ++open;
        } else if (text[at] == '}' && --open == 0) {
            return text.substr(0, at);
        }
    }
    throw std::invalid_argument{
        fmt::format("'${{{}' has no closing brace", base::printable(text, 40))};
}

class Interpolation {
public:
    explicit Interpolation(const Variables& variables) : variables_{variables} {}

    std::string run(std::string_view text, int depth);
    std::vector<std::string> take_unset() { return std::move(unset_); }

private:
    std::string expand(std::string_view expression, int depth);
    std::string value_or_unset(std::string_view name);

    const Variables& variables_;
    std::vector<std::string> unset_;
};

std::string Interpolation::run(std::string_view text, int depth) {
    if (depth > k_nesting_limit) {
        throw std::invalid_argument{"defaults are nested too deeply"};
    }
    std::string result;
    while (!text.empty()) {
        const std::size_t dollar = text.find('$');
        result += text.substr(0, dollar);
        if (dollar == std::string_view::npos) {
            break;
        }
        text.remove_prefix(dollar);
        if (text.starts_with("$$")) {
            result += '$';
            text.remove_prefix(2);
        } else if (text.starts_with("${")) {
            const std::string_view expression = braced(text.substr(2));
            result += expand(expression, depth);
            text.remove_prefix(expression.size() + 3);
        } else {
            const std::string_view name = leading_name(text.substr(1));
            if (name.empty()) {
                reject(text);
            }
            result += value_or_unset(name);
            text.remove_prefix(name.size() + 1);
        }
    }
    return result;
}

std::string Interpolation::value_or_unset(std::string_view name) {
    const auto found = variables_.find(std::string{name});
    if (found != variables_.end()) {
        return found->second;
    }
    unset_.emplace_back(name);
    return {};
}

std::string Interpolation::expand(std::string_view expression, int depth) {
    const std::string_view name = leading_name(expression);
    std::string_view rest = expression.substr(name.size());
    if (name.empty()) {
        reject(fmt::format("${{{}}}", expression));
    }
    if (rest.empty()) {
        return value_or_unset(name);
    }
    const bool empty_counts_as_unset = rest.starts_with(':');
    if (empty_counts_as_unset) {
        rest.remove_prefix(1);
    }
    const auto found = variables_.find(std::string{name});
    const bool usable =
        found != variables_.end() && !(empty_counts_as_unset && found->second.empty());
    if (rest.starts_with('-')) {
        return usable ? found->second : run(rest.substr(1), depth + 1);
    }
    if (rest.starts_with('?')) {
        if (usable) {
            return found->second;
        }
        throw std::invalid_argument{fmt::format("variable {} is required{}{}", name,
                                                rest.size() > 1 ? ": " : "",
                                                base::printable(rest.substr(1)))};
    }
    reject(fmt::format("${{{}}}", expression));
}

}  // namespace

bool is_variable_name(std::string_view text) {
    return !text.empty() && leading_name(text) == text;
}

Interpolated interpolate(std::string_view text, const Variables& variables) {
    Interpolation interpolation{variables};
    Interpolated result;
    result.text = interpolation.run(text, 0);
    result.unset = interpolation.take_unset();
    return result;
}

}  // namespace ccci::recipe
