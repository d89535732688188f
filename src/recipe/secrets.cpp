#include "recipe/secrets.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <cctype>
#include <cerrno>
#include <charconv>

#include "base/os_error.hpp"
#include "base/text.hpp"
#include "recipe/recipe_error.hpp"

namespace ccci::recipe {

namespace {

constexpr std::string_view k_alphanumeric =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view k_hex = "0123456789abcdef";
constexpr std::string_view k_special = "!@%^*_+-=.,:";
constexpr std::size_t k_default_length = 32;
/// What the Swarm allows for a name.
constexpr std::size_t k_name_limit = 64;

std::string version_variable(const std::string& key) {
    std::string name = "SECRET_";
    for (const char c : key) {
        name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name + "_VERSION";
}

std::string comment_of(const std::vector<EnvEntry>& env, const std::string& variable) {
    std::string comment;
    for (const EnvEntry& entry : env) {
        if (entry.name == variable) {
            comment = entry.comment;
        }
    }
    return comment;
}

std::size_t parse_length(const std::string& text, const std::string& variable) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc{} || end != text.data() + text.size() || length < 1 || length > 4096) {
        throw RecipeError{fmt::format(".env.sample: {}: length '{}' is no number from 1 to 4096",
                                      base::printable(variable), base::printable(text))};
    }
    return length;
}

std::string parse_alphabet(const std::string& text, const std::string& variable) {
    if (text == "hex") {
        return std::string{k_hex};
    }
    if (text == "default") {
        return std::string{k_alphanumeric};
    }
    if (text == "special" || text == "safespecial" || text == "default,special" ||
        text == "default,safespecial") {
        return std::string{k_alphanumeric} + std::string{k_special};
    }
    throw RecipeError{fmt::format(".env.sample: {}: unknown charset '{}'",
                                  base::printable(variable), base::printable(text))};
}

std::uint8_t random_byte() {
    std::uint8_t byte = 0;
    while (::getrandom(&byte, 1, 0) != 1) {
        if (errno != EINTR) {
            base::throw_errno(errno, "get random numbers");
        }
    }
    return byte;
}

}  // namespace

std::vector<SecretPlan> plan_secrets(const std::vector<ExternalSecret>& secrets,
                                     const std::vector<EnvEntry>& env, const std::string& stack) {
    std::vector<SecretPlan> plans;
    for (const ExternalSecret& secret : secrets) {
        if (!secret.name.starts_with(stack + "_")) {
            continue;
        }
        if (secret.name.size() > k_name_limit) {
            throw RecipeError{
                fmt::format("secret {}: its name {} has {} characters, the Swarm allows {}",
                            base::printable(secret.key), base::printable(secret.name),
                            secret.name.size(), k_name_limit)};
        }
        const std::string variable = version_variable(secret.key);
        SecretPlan plan{secret.name, std::string{k_alphanumeric}, k_default_length};
        bool wanted = true;
        for (const std::string& word : base::split(comment_of(env, variable), ' ')) {
            const std::size_t equals = word.find('=');
            const std::string name = word.substr(0, equals);
            const std::string value =
                equals == std::string::npos ? std::string{} : word.substr(equals + 1);
            if (name == "length") {
                plan.length = parse_length(value, variable);
            } else if (name == "charset") {
                plan.alphabet = parse_alphabet(value, variable);
            } else if (name == "generate") {
                wanted = value != "false";
            }
        }
        if (wanted) {
            plans.push_back(std::move(plan));
        }
    }
    return plans;
}

std::string make_secret(const SecretPlan& plan) {
    // Bytes above the largest multiple of the alphabet's size would favour its first characters.
    const std::size_t usable = 256 - 256 % plan.alphabet.size();
    std::string secret;
    while (secret.size() < plan.length) {
        const std::size_t byte = random_byte();
        if (byte < usable) {
            secret += plan.alphabet[byte % plan.alphabet.size()];
        }
    }
    return secret;
}

}  // namespace ccci::recipe
