#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/describe.hpp"
#include "cli/print.hpp"
#include "cli/program.hpp"
#include "run/usage_error.hpp"

namespace ccci::cli {

namespace {

std::string script_for(const std::string& shell, const CommandNode& tree) {
    if (shell == "bash") {
        return bash_completion(tree);
    }
    if (shell == "zsh") {
        return zsh_completion(tree);
    }
    if (shell == "fish") {
        return fish_completion(tree);
    }
    throw run::UsageError{
        fmt::format("completion: want bash, zsh or fish, not '{}'", base::printable(shell))};
}

int completion(const std::string& shell) {
    // The one that parsed this call has this command alone.
    CommandNode whole = command_tree(Program{{}}.parser());
    describe(whole);
    print(stdout, "{}", script_for(shell, whole));
    return 0;
}

}  // namespace

Action add_completion(CLI::App& program) {
    auto shell = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand("completion");
    command->add_option("SHELL", *shell)->required()->type_name("bash|zsh|fish");
    return [shell](const Context&) { return completion(*shell); };
}

}  // namespace ccci::cli
