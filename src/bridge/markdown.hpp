#pragma once

#include <string>
#include <string_view>

namespace ccci::bridge {

/// Text of others as a code span of Markdown, also in a cell of a table: Gitea shows it as it is,
/// and makes no link, mention, reference, picture or HTML of it. What would end the span, or turn
/// the direction of writing, is replaced; longer than `limit` bytes, it is cut. Empty for nothing.
std::string code(std::string_view text, std::size_t limit = 200);

/// One line of plain text, for where Gitea shows no Markdown: UTF-8 without control characters.
std::string one_line(std::string_view text, std::size_t limit = 140);

}  // namespace ccci::bridge
