#include "bridge/markdown.hpp"

#include <cstdint>
#include <optional>

#include "base/text.hpp"

namespace ccci::bridge {

namespace {

struct Character {
    std::uint32_t point = 0;
    std::size_t size = 1;  ///< in bytes
};

/// The first character of UTF-8 text (RFC 3629); nullopt when it is none.
std::optional<Character> first_of(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return Character{lead, 1};
    }
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size) {
        return std::nullopt;
    }
    std::uint32_t point = lead & (0xffU >> (size + 1));
    for (std::size_t at = 1; at < size; ++at) {
        if ((byte(at) & 0xc0) != 0x80) {
            return std::nullopt;
        }
        point = point << 6 | (byte(at) & 0x3fU);
    }
    const bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
    const bool is_overlong = (size == 3 && point < 0x800) || (size == 4 && point < 0x10000);
    if (is_surrogate || is_overlong || point > 0x10ffff) {
        return std::nullopt;
    }
    return Character{point, size};
}

/// Controls, and what is not seen itself but changes how the rest is seen.
bool is_invisible(std::uint32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xad ||
           (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0x61c || point == 0xfeff ||
           (point >= 0xfff9 && point <= 0xfffb) || (point >= 0xe0000 && point <= 0xe007f);
}

}  // namespace

std::string one_line(std::string_view text, std::size_t limit) {
    std::string result;
    text = base::trim(text);
    while (!text.empty()) {
        const std::optional<Character> next = first_of(text);
        const std::size_t size = next ? next->size : 1;
        if (result.size() + size > limit) {
            return result + "...";
        }
        if (!next) {
            result += '?';
        } else if (is_invisible(next->point)) {
            result += ' ';
        } else {
            result += text.substr(0, size);
        }
        text.remove_prefix(size);
    }
    return result;
}

std::string code(std::string_view text, std::size_t limit) {
    std::string inside = one_line(text, limit);
    for (char& c : inside) {
        // No backslash escapes within a code span; a pipe ends a cell even there.
        c = c == '`' ? '\'' : c == '|' ? '/' : c;
    }
    inside = base::trim(inside);
    return inside.empty() ? "" : "`" + inside + "`";
}

}  // namespace ccci::bridge
