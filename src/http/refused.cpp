#include "http/refused.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "http/date.hpp"

namespace ccci::http {

namespace {

constexpr std::chrono::seconds k_longest_wait = std::chrono::hours{24};

}  // namespace

bool Refused::is_passing() const noexcept {
    return status_ == 408 || status_ == 425 || status_ == 429 || status_ >= 500;
}

void expect(const Answer& answer, std::initializer_list<long> statuses, const std::string& what) {
    if (std::ranges::find(statuses, answer.status) != statuses.end()) {
        return;
    }
    std::optional<std::chrono::seconds> wait;
    if (const auto header = answer.headers.find("retry-after"); header != answer.headers.end()) {
        wait = parse_retry_after(header->second, std::chrono::system_clock::now());
    }
    throw Refused{fmt::format("{}: HTTP {}", what, answer.status), answer.status, wait};
}

std::optional<std::chrono::seconds> parse_retry_after(const std::string& text,
                                                      std::chrono::system_clock::time_point now) {
    constexpr std::size_t k_most_digits = 9;
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos) {
        return text.size() > k_most_digits
                   ? k_longest_wait
                   : std::min(std::chrono::seconds{std::stoll(text)}, k_longest_wait);
    }
    const auto date = parse_date(text);
    if (!date) {
        return std::nullopt;
    }
    const auto span = std::chrono::ceil<std::chrono::seconds>(*date - now);
    return std::clamp(span, std::chrono::seconds{0}, k_longest_wait);
}

}  // namespace ccci::http
