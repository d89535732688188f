#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "program/action.hpp"

namespace ccci::program {

/// By the names of the commands.
using Actions = std::map<std::string, Action>;

/// main() of a program that nobody calls by hand: cc-ci does, and passes the configuration that it
/// has found to be in force. Every failure becomes its exit code and one line in the log.
int main(int argc, char** argv, const std::string& name, Actions (*add_commands)(CLI::App&));

}  // namespace ccci::program
