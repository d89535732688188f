#include "cli/values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <stdexcept>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "run/usage_error.hpp"

namespace ccci::cli {

namespace {

[[noreturn]] void reject(const std::string& option, const std::string& text,
                         const std::string& want) {
    throw run::UsageError{
        fmt::format("{}: want {}, not '{}'", option, want, base::printable(text))};
}

std::uint64_t number(const std::string& option, std::string_view digits, const std::string& text,
                     const std::string& want, std::uint64_t factor) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || value == 0 ||
        value > std::numeric_limits<std::uint64_t>::max() / factor) {
        reject(option, text, want);
    }
    return value * factor;
}

}  // namespace

std::chrono::microseconds duration_option(const std::string& option, const std::string& text) {
    try {
        return base::parse_duration(text);
    } catch (const std::invalid_argument& error) {
        throw run::UsageError{fmt::format("{}: {}", option, error.what())};
    }
}

std::uint64_t size_option(const std::string& option, const std::string& text) {
    const std::string want = "a size such as 512M";
    std::uint64_t factor = 1;
    std::string_view digits = text;
    constexpr std::string_view k_suffixes = "KMGT";
    if (!text.empty()) {
        if (const auto at = k_suffixes.find(text.back()); at != std::string_view::npos) {
            factor = std::uint64_t{1} << (10 * (at + 1));
            digits.remove_suffix(1);
        }
    }
    return number(option, digits, text, want, factor);
}

std::uint64_t percent_option(const std::string& option, const std::string& text) {
    const std::string want = "a percentage of one CPU such as 150%";
    if (!text.ends_with('%')) {
        reject(option, text, want);
    }
    return number(option, std::string_view{text}.substr(0, text.size() - 1), text, want, 10'000);
}

std::uint64_t count_option(const std::string& option, const std::string& text) {
    return number(option, text, text, "a number", 1);
}

}  // namespace ccci::cli
