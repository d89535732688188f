#pragma once

#include "cli/command_tree.hpp"

namespace ccci::cli {

/// Gives every command and every option of the program its description, from the commands' pages:
/// the first sentence that is said of it. What no page knows stays without one.
void describe(CommandNode& program);

}  // namespace ccci::cli
