#include "base/duration.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <stdexcept>

#include "fuzz/fuzz.hpp"

// A span of time: refused with std::invalid_argument, or between nothing and a hundred years, exact
// when it is written in microseconds, and shown as something that can be read again.

namespace ccci::fuzz {

void check(std::string_view input) {
    std::chrono::microseconds span{};
    try {
        span = base::parse_duration(input);
    } catch (const std::invalid_argument& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
        return;
    }
    require(span.count() >= 0 && span <= std::chrono::hours{24 * 365 * 100},
            "a span is at most a hundred years", input);
    require(base::parse_duration(fmt::format("{}us", span.count())) == span,
            "microseconds are exact", input);

    const std::string shown = base::format_duration(span);
    const auto again = base::parse_duration(shown);
    require(again <= span && span - again < std::max<std::chrono::microseconds>(
                                                span / 10, std::chrono::milliseconds{1}),
            "what is shown is the span, rounded down", shown);
}

}  // namespace ccci::fuzz
