#include "base/utf8.hpp"

namespace ccci::base {

Utf8Character first_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) {
        return {lead, 1, true};
    }
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    // C0 and C1 begin what would have a shorter form, F5 and above what is beyond Unicode.
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size) {
        return {};
    }
    char32_t code = lead & (0xffU >> (size + 1));
    for (const char next : text.substr(1, size - 1)) {
        const auto byte = static_cast<unsigned char>(next);
        if ((byte & 0xc0) != 0x80) {
            return {};
        }
        code = code << 6 | (byte & 0x3fU);
    }
    const bool is_overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    const bool is_none = (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff;
    return is_overlong || is_none ? Utf8Character{} : Utf8Character{code, size, true};
}

}  // namespace ccci::base
