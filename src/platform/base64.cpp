#include "platform/base64.hpp"

#include <cstdint>

namespace ccci::platform {

std::string to_base64(std::string_view data) {
    constexpr std::string_view k_digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < data.size(); at += 3) {
        const std::string_view group = data.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t byte = 0; byte < 3; ++byte) {
            bits <<= 8;
            bits |= byte < group.size() ? static_cast<unsigned char>(group[byte]) : 0U;
        }
        for (std::size_t digit = 0; digit < 4; ++digit) {
            text += digit <= group.size() ? k_digits[bits >> (18 - 6 * digit) & 63U] : '=';
        }
    }
    return text;
}

}  // namespace ccci::platform
