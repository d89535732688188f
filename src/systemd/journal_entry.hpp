#pragma once

#include <string>
#include <string_view>

namespace ccci::systemd {

/// Appends one field of an entry in the journal's native protocol
/// (systemd.io/JOURNAL_NATIVE_PROTOCOL): as text, or with its length in front where the value has
/// bytes that are no text. The name is upper case, digits and underscores. An empty line, which is
/// the caller's, ends an entry.
void append_field(std::string& entry, std::string_view name, std::string_view value);

}  // namespace ccci::systemd
