#include "bridge/markdown.hpp"

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace ccci::bridge {

namespace {

/// Controls, and what is not seen itself but changes how the rest is seen.
bool is_invisible(char32_t point) {
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
        const base::Utf8Character next = base::first_character(text);
        if (result.size() + next.size > limit) {
            return result + "...";
        }
        if (!next.valid) {
            result += '?';
        } else if (is_invisible(next.code)) {
            result += ' ';
        } else {
            result += text.substr(0, next.size);
        }
        text.remove_prefix(next.size);
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
