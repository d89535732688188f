#pragma once

#include <string>

#include "cli/command_tree.hpp"

namespace ccci::cli {

// The completion script of a shell. What is completed: commands, options, their values where they
// are known, run ids and domains, for which `cc-ci ps` is asked then. Nothing is after "--".

std::string bash_completion(const CommandNode& program);
std::string zsh_completion(const CommandNode& program);
std::string fish_completion(const CommandNode& program);

}  // namespace ccci::cli
