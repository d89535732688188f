#include "dashboard/clean_text.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace ccci::dashboard {

namespace {

constexpr std::string_view k_replacement = "\xef\xbf\xbd";
constexpr std::string_view k_ellipsis = "\xe2\x80\xa6";
constexpr char k_escape = '\x1b';

bool is_between(char c, unsigned char first, unsigned char last) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= first && byte <= last;
}

/// The length of the sequence at the beginning of `text`, which starts with an escape (ECMA-48,
/// 5.3 to 5.6); one that is not finished is as long as the text.
std::size_t length_of_sequence(std::string_view text) {
    if (text.size() < 2) {
        return text.size();
    }
    if (text[1] == '[') {
        std::size_t at = 2;
        while (at < text.size() && is_between(text[at], 0x20, 0x3f)) {
            ++at;
        }
        // What cannot be part of it does not belong to it.
        return at < text.size() && is_between(text[at], 0x40, 0x7e) ? at + 1 : at;
    }
    if (std::string_view{"]PX^_"}.find(text[1]) != std::string_view::npos) {
        // Titles, links and the like: to the bell, or the string terminator.
        for (std::size_t at = 2; at < text.size(); ++at) {
            if (text[at] == '\a') {
                return at + 1;
            }
            if (text[at] == k_escape) {
                return std::min(at + 2, text.size());
            }
        }
        return text.size();
    }
    return 2;
}

/// Whether a page may have it as it is. Unicode's controls of direction would have a name or a line
/// of a log read as what it is not (CVE-2021-42574).
bool is_harmless(char32_t code) {
    const bool control = (code < 0x20 && code != '\t') || (code >= 0x7f && code <= 0x9f);
    const bool breaks_lines = code == 0x2028 || code == 0x2029;
    const bool turns_around = (code >= 0x202a && code <= 0x202e) ||
                              (code >= 0x2066 && code <= 0x2069) || code == 0x200e ||
                              code == 0x200f || code == 0x061c;
    const bool none = (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);
    return !control && !breaks_lines && !turns_around && !none;
}

}  // namespace

std::string clean_line(std::string_view text, std::size_t limit) {
    std::string result;
    result.reserve(std::min(text.size(), limit));
    while (!text.empty()) {
        if (text[0] == k_escape) {
            text.remove_prefix(length_of_sequence(text));
            continue;
        }
        const base::Utf8Character character = base::first_character(text);
        const std::string_view shown = character.valid && is_harmless(character.code)
                                           ? text.substr(0, character.size)
                                           : k_replacement;
        if (result.size() + shown.size() > limit) {
            result += k_ellipsis;
            break;
        }
        result += shown;
        text.remove_prefix(character.size);
    }
    return result;
}

}  // namespace ccci::dashboard
