#include "run/names.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "run/usage_error.hpp"

namespace ccci::run {

namespace {

bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool is_alphanumeric(char c) {
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

[[noreturn]] void reject(std::string_view what, const std::string& text, std::string_view want) {
    throw UsageError{fmt::format("invalid {} '{}': want {}", what, base::printable(text), want)};
}

template <typename Predicate>
bool all_of(std::string_view text, Predicate predicate) {
    for (const char c : text) {
        if (!predicate(c)) {
            return false;
        }
    }
    return true;
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= 63 && is_lower_or_digit(label.front()) &&
           is_lower_or_digit(label.back()) &&
           all_of(label, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

/// What forges allow in names of owners and repositories.
bool is_forge_name(std::string_view text) {
    return !text.empty() && text.size() <= 100 && text != "." && text != ".." &&
           all_of(text,
                  [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

/// What the expression of RunAppPattern::for_base_domain() says, of a domain.
bool is_recipe_app(std::string_view domain, std::string_view base_domain) {
    constexpr std::size_t k_digits = 6;
    constexpr std::size_t k_most = 4;
    const std::size_t dot = domain.find('.');
    const std::string_view label = domain.substr(0, dot);
    if (domain.substr(dot + 1) != base_domain || label.size() < 1 + 1 + k_digits ||
        label.size() > k_most + 1 + k_digits) {
        return false;
    }
    const std::string_view digits = label.substr(label.size() - k_digits);
    return label[label.size() - k_digits - 1] == '-' &&
           all_of(digits, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string escape_for_regex(const std::string& text) {
    return base::replace_all(text, ".", "\\.");
}

}  // namespace

bool is_domain(const std::string& text) {
    if (text.size() > 200 || text.find('.') == std::string::npos) {
        return false;
    }
    std::string_view rest = text;
    for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
        if (!is_label(rest.substr(0, dot))) {
            return false;
        }
        rest.remove_prefix(dot + 1);
    }
    return is_label(rest);
}

std::string check_domain(const std::string& text) {
    if (!is_domain(text)) {
        reject("domain", text, "a lower-case DNS name such as app.ci.example.net");
    }
    return text;
}

bool is_run_id(const std::string& text) {
    return !text.empty() && text.size() <= 64 && is_alphanumeric(text.front()) &&
           text.find("..") == std::string::npos && all_of(text, [](char c) {
               return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
           });
}

std::string check_run_id(const std::string& text) {
    if (!is_run_id(text)) {
        reject("run id", text, "at most 64 letters, digits, '-', '_' or '.'");
    }
    return text;
}

bool is_recipe(const std::string& text) {
    return !text.empty() && text.size() <= 64 && is_lower_or_digit(text.front()) &&
           all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

std::string check_recipe(const std::string& text) {
    if (!is_recipe(text)) {
        reject("recipe", text, "lower-case letters, digits and '-'");
    }
    return text;
}

std::string check_ref(const std::string& text) {
    const bool good = !text.empty() && text.size() <= 200 &&
                      (is_alphanumeric(text.front()) || text.front() == '_') &&
                      text.find("..") == std::string::npos &&
                      text.find("//") == std::string::npos &&
                      text.find("/.") == std::string::npos &&
                      text.find(".lock/") == std::string::npos && text.back() != '/' &&
                      text.back() != '.' && !text.ends_with(".lock") && all_of(text, [](char c) {
                          return is_alphanumeric(c) ||
                                 std::string_view{"-_./+"}.find(c) != std::string_view::npos;
                      });
    if (!good) {
        reject("ref", text, "a branch, tag or commit");
    }
    return text;
}

std::string check_pull_request(const std::string& text) {
    if (text.size() > 9 || !all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
        reject("pull request", text, "a number");
    }
    return text;
}

std::string check_source(const std::string& text) {
    constexpr std::array<std::string_view, 4> k_schemes{"https://", "http://", "ssh://", "file://"};
    const auto harmless = [](char c) {
        return is_alphanumeric(c) ||
               std::string_view{"-_./+~:@%"}.find(c) != std::string_view::npos;
    };
    bool good = !text.empty() && text.size() <= 500 && all_of(text, harmless) &&
                text.find("..") == std::string::npos;
    bool known_form = text.starts_with("/");
    for (const std::string_view scheme : k_schemes) {
        known_form = known_form || (text.starts_with(scheme) && text.size() > scheme.size() &&
                                    text[scheme.size()] != '-');
    }
    if (!known_form) {
        // owner/name
        const std::vector<std::string> parts = base::split(text, '/');
        known_form = parts.size() == 2;
        for (const std::string& part : parts) {
            known_form = known_form && !part.empty() && is_alphanumeric(part.front()) &&
                         part.find(':') == std::string::npos;
        }
    }
    // Credentials in a URL would be stored in .git/config and shown in the log.
    const std::size_t at = text.find('@');
    if (at != std::string::npos) {
        // ssh needs a user's name; a host that begins with '-' would be an option of it.
        const std::string_view ssh = "ssh://";
        good = good && text.starts_with(ssh) && at + 1 < text.size() &&
               is_alphanumeric(text[at + 1]) && text.find('@', at + 1) == std::string::npos &&
               text.substr(ssh.size(), at - ssh.size()).find_first_of(":/") == std::string::npos;
    }
    if (!good || !known_form) {
        reject("source repository", text, "a URL without credentials, a path, or owner/name");
    }
    return text;
}

std::string check_repository(const std::string& text) {
    const std::vector<std::string> parts = base::split(text, '/');
    if (parts.size() != 2 || !is_forge_name(parts[0]) || !is_forge_name(parts[1])) {
        reject("repository", text, "owner/name");
    }
    return text;
}

std::string check_owner(const std::string& text) {
    if (!is_forge_name(text)) {
        reject("owner", text, "the name of a user or an organisation");
    }
    return text;
}

std::string check_forge(const std::string& text) {
    std::string_view rest = text;
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (rest.starts_with(scheme)) {
            rest.remove_prefix(scheme.size());
            break;
        }
    }
    const std::string_view authority = rest.substr(0, rest.find('/'));
    const std::string_view host = authority.substr(0, authority.find(':'));
    const std::string_view port =
        host.size() < authority.size() ? authority.substr(host.size() + 1) : "0";
    const bool good =
        rest.size() < text.size() && text.size() <= 200 && !host.empty() &&
        is_alphanumeric(host.front()) && is_alphanumeric(host.back()) &&
        all_of(host, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; }) &&
        !port.empty() && port.size() <= 5 &&
        all_of(port, [](char c) { return c >= '0' && c <= '9'; }) &&
        text.find("..") == std::string::npos && all_of(rest, [](char c) {
            return is_alphanumeric(c) ||
                   std::string_view{"-_./~:"}.find(c) != std::string_view::npos;
        });
    if (!good) {
        reject("forge", text, "a URL such as https://git.example.net");
    }
    return text;
}

std::string stack_name(const std::string& domain) {
    return base::replace_all(domain, ".", "_");
}

std::string domain_of_stack(const std::string& stack) {
    return base::replace_all(stack, "_", ".");
}

RunAppPattern::RunAppPattern(const std::string& expression) : expression_{expression} {
    // libstdc++ 12 overflows when it counts on: {99999999999999999999}.
    const bool large_number = std::regex_search(expression, std::regex{"[0-9]{10}"});
    if (large_number) {
        throw UsageError{
            fmt::format("invalid run-app pattern '{}': it has a number that is too "
                        "large",
                        base::printable(expression))};
    }
    try {
        regex_.emplace(expression, std::regex::ECMAScript | std::regex::optimize);
    } catch (const std::regex_error& error) {
        throw UsageError{fmt::format("invalid run-app pattern '{}': {}",
                                     base::printable(expression), error.what())};
    }
}

RunAppPattern RunAppPattern::for_base_domain(const std::string& base_domain) {
    RunAppPattern pattern;
    pattern.expression_ = "[a-z0-9][a-z0-9-]{0,3}-[0-9a-f]{6}\\." + escape_for_regex(base_domain);
    pattern.base_domain_ = base_domain;
    return pattern;
}

bool RunAppPattern::matches(const std::string& domain) const {
    return is_domain(domain) &&
           (regex_ ? std::regex_match(domain, *regex_) : is_recipe_app(domain, base_domain_));
}

}  // namespace ccci::run
