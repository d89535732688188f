#include "http/url.hpp"

#include <fmt/format.h>

#include <iterator>

namespace ccci::http {

std::string encode(std::string_view part) {
    std::string result;
    for (const char c : part) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                                c == '~';
        if (unreserved) {
            result += c;
        } else {
            fmt::format_to(std::back_inserter(result), "%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return result;
}

std::string without_slash(std::string_view server) {
    return std::string{server.substr(0, server.find_last_not_of('/') + 1)};
}

bool keeps_secrets(std::string_view server) {
    if (server.starts_with("https://")) {
        return true;
    }
    constexpr std::string_view k_clear = "http://";
    if (!server.starts_with(k_clear)) {
        return false;
    }
    server.remove_prefix(k_clear.size());
    const std::string_view host = server.substr(0, server.find_first_of(":/"));
    return host == "localhost" || host == "127.0.0.1";
}

}  // namespace ccci::http
