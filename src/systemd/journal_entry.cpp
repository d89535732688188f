#include "systemd/journal_entry.hpp"

#include <algorithm>
#include <cstdint>

namespace ccci::systemd {

void append_field(std::string& entry, std::string_view name, std::string_view value) {
    const bool is_text = std::none_of(value.begin(), value.end(), [](char byte) {
        return static_cast<unsigned char>(byte) < 0x20 && byte != '\t';
    });
    entry += name;
    if (is_text) {
        entry += '=';
    } else {
        entry += '\n';
        for (unsigned shift = 0; shift < 64; shift += 8) {
            entry += static_cast<char>((std::uint64_t{value.size()} >> shift) & 0xff);
        }
    }
    entry += value;
    entry += '\n';
}

}  // namespace ccci::systemd
