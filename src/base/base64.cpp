#include "base/base64.hpp"

#include <cstdint>

namespace ccci::base {

namespace {

constexpr std::string_view k_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::string_view data) {
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

std::optional<std::string> from_base64(std::string_view text) {
    std::string data;
    data.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        std::string_view group = text.substr(at, 4);
        if (at + 4 == text.size()) {
            group = group.substr(0, group.find_last_not_of('=') + 1);
        }
        std::uint32_t bits = 0;
        for (const char c : group) {
            const std::size_t digit = k_digits.find(c);
            if (digit == std::string_view::npos) {
                return std::nullopt;
            }
            bits = bits << 6 | static_cast<std::uint32_t>(digit);
        }
        bits <<= 6 * (4 - group.size());
        for (std::size_t byte = 0; byte + 1 < group.size(); ++byte) {
            data += static_cast<char>(bits >> (16 - 8 * byte) & 0xffU);
        }
    }
    // What is left: a text that is too short, bits that belong to no byte, too much padding.
    if (to_base64(data) != text) {
        return std::nullopt;
    }
    return data;
}

}  // namespace ccci::base
