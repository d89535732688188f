#include "cli/text_width.hpp"

#include <algorithm>
#include <array>

#include "base/utf8.hpp"

namespace ccci::cli {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

// Of Unicode's EastAsianWidth.txt and of its general categories Mn, Me and Cf what terminals agree
// on. wcwidth(3) knows more, but only in a locale that the host may not have.
constexpr std::array<Range, 17> k_no_width{{
    {0x0300, 0x036f},
    {0x0483, 0x0489},
    {0x0591, 0x05bd},
    {0x0610, 0x061a},
    {0x064b, 0x065f},
    {0x06d6, 0x06dc},
    {0x0900, 0x0902},
    {0x093c, 0x093c},
    {0x0941, 0x0948},
    {0x0e34, 0x0e3a},
    {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff},
    {0x200b, 0x200f},
    {0x2060, 0x2064},
    {0x20d0, 0x20ff},
    {0xfe00, 0xfe0f},
    {0xfe20, 0xfe2f},
}};
constexpr std::array<Range, 13> k_wide{{
    {0x1100, 0x115f},
    {0x2e80, 0x303e},
    {0x3041, 0x4dbf},
    {0x4e00, 0xa4cf},
    {0xa960, 0xa97c},
    {0xac00, 0xd7a3},
    {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},
    {0xff00, 0xff60},
    {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f},
    {0x1f680, 0x1faff},
    {0x20000, 0x3fffd},
}};

template <std::size_t Size>
bool is_in(const std::array<Range, Size>& ranges, char32_t c) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [c](const Range& range) { return c >= range.first && c <= range.last; });
}

struct Character {
    std::size_t bytes = 1;
    std::size_t width = 1;
};

/// The first one; `text` is not empty.
Character first_of(std::string_view text) {
    const base::Utf8Character character = base::first_character(text);
    if (!character.valid) {
        return {};
    }
    const char32_t c = character.code;
    return {character.size, is_in(k_no_width, c) ? std::size_t{0}
                            : is_in(k_wide, c)   ? std::size_t{2}
                                                 : 1};
}

}  // namespace

std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const Character character = first_of(text);
        width += character.width;
        text.remove_prefix(character.bytes);
    }
    return width;
}

std::string shorten(std::string_view text, std::size_t width, std::string_view ellipsis) {
    if (width_of(text) <= width) {
        return std::string{text};
    }
    const std::size_t mark = width_of(ellipsis);
    if (width < mark) {
        return {};
    }
    std::size_t bytes = 0;
    for (std::size_t left = width - mark; bytes < text.size();) {
        const Character character = first_of(text.substr(bytes));
        if (character.width > left) {
            break;
        }
        left -= character.width;
        bytes += character.bytes;
    }
    return std::string{text.substr(0, bytes)}.append(ellipsis);
}

}  // namespace ccci::cli
