#pragma once

#include <cstddef>
#include <string>

#include "cli/command_tree.hpp"

namespace ccci::cli {

/// What --help prints of a command of the program, in lines of that width: the summary, how it is
/// called, the commands below it, all that is said of each option, and where there is more.
std::string help_text(const CommandNode& program, const std::string& command, std::size_t width);

/// The text in lines of that width, each after so many spaces, and with a line feed. Where a word
/// has room for no more than a part of it, it goes on after one of its "|", or beyond the width.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width);

}  // namespace ccci::cli
