#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"

namespace ccci::cli {

/// What can be called: the program's own options, and its commands.
class Program {
public:
    /// With the commands that the arguments name, or with all of them if it is none: every option
    /// of every command takes its time to set up, and every run pays for it.
    explicit Program(const std::vector<std::string>& arguments);

    [[nodiscard]] CLI::App& parser() { return parser_; }
    [[nodiscard]] const CLI::App& parser() const { return parser_; }
    [[nodiscard]] const std::optional<std::string>& config_file() const { return config_file_; }

    /// On standard output: the help of the command that was parsed, or of the program.
    void print_help(const std::vector<std::string>& environment) const;

    /// Does what was parsed, and returns the exit code.
    [[nodiscard]] int act(const Context& context) const;

private:
    CLI::App parser_;
    std::optional<std::string> config_file_;
    std::map<std::string, Action> actions_;
};

}  // namespace ccci::cli
