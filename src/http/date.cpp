#include "http/date.hpp"

#include <ctime>

namespace ccci::http {

std::optional<std::chrono::system_clock::time_point> parse_date(const std::string& text) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    // The clock counts nanoseconds in 64 bits, so it ends in 2262.
    const bool representable = parts.tm_year >= 70 && parts.tm_year < 362;
    if (end == nullptr || *end != '\0' || !representable) {
        return std::nullopt;
    }
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace ccci::http
