#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace ccci::cli {

/// What stands after an option or as an argument, by its placeholder in the help (of an argument
/// without one, its name): "FILE" is a file, "RUN" a run id (as an argument, or a run's domain),
/// "TIER" a tier's name, "FORMAT" one of journalctl's, "a|b" one of these words, and anything else
/// is free.
struct Value {
    enum class Kind { none, free, file, run, run_or_domain, words };
    Kind kind = Kind::none;
    std::string placeholder;
    std::vector<std::string> words;
};

struct OptionNode {
    std::vector<std::string> names;  ///< with their dashes, the short ones first
    std::string description;         ///< what describe() has found of it
    Value value;
};

/// "-n, --lines NUMBER": what help says it is.
std::string subject_of(const OptionNode& option);

struct CommandNode {
    std::string name;
    std::string path;                 ///< all names down to this one: "cc-ci warm promote"
    std::string description;          ///< what describe() has found of it
    std::vector<OptionNode> options;  ///< those that it takes from the command above it included
    Value argument;
    bool takes_more_arguments = false;  ///< of the same kind
    std::vector<CommandNode> commands;
};

/// What the parser knows of a program.
CommandNode command_tree(const CLI::App& program);

/// The node and all below it, from top to bottom.
std::vector<const CommandNode*> all_commands(const CommandNode& root);

/// The command that was called, after all those on the way to it, from the program on.
std::vector<const CLI::App*> chosen_commands(const CLI::App& program);

/// Their names: "cc-ci warm list".
std::string chosen_path(const CLI::App& program);

}  // namespace ccci::cli
