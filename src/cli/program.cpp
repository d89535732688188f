#include "cli/program.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cli/command_tree.hpp"
#include "cli/help_text.hpp"
#include "cli/look.hpp"
#include "cli/print.hpp"
#include "run/verdict.hpp"
#include "version.hpp"

namespace ccci::cli {

namespace {

/// Where there is no terminal.
constexpr std::size_t k_help_width = 80;

}  // namespace

Program::Program(const std::vector<std::string>& arguments) : parser_{"", "cc-ci"} {
    parser_.set_version_flag("--version", std::string{"cc-ci "} + k_version);
    parser_.add_option("--config", config_file_)->type_name("FILE");
    parser_.fallthrough();

    const std::map<std::string, Action (*)(CLI::App&)> commands{
        {"run", add_run},       {"recipe", add_recipe},         {"ps", add_ps},
        {"logs", add_logs},     {"cancel", add_cancel},         {"janitor", add_janitor},
        {"warm", add_warm},     {"completion", add_completion}, {"prune", add_prune},
        {"show", add_show},     {"locks", add_locks},           {"metrics", add_metrics},
        {"doctor", add_doctor}, {"dashboard", add_dashboard},   {"bridge", add_bridge},
    };
    const auto is_given = [&](const std::string& word) {
        return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
    };
    const bool some = !is_given("--help") && !is_given("-h") &&
                      std::any_of(commands.begin(), commands.end(),
                                  [&](const auto& command) { return is_given(command.first); });
    for (const auto& [name, add] : commands) {
        if (!some || is_given(name)) {
            actions_.emplace(name, add(parser_));
        }
    }
    parser_.require_subcommand(0, 1);
}

void Program::print_help(const std::vector<std::string>& environment) const {
    // The one that parsed this call may have the one command alone that was named.
    const CommandNode whole = command_tree(Program{{}}.parser());
    const std::size_t width = look_of(STDOUT_FILENO, environment).width.value_or(k_help_width);
    print_text(stdout, help_text(whole, chosen_path(parser_), width));
}

int Program::act(const Context& context) const {
    const auto chosen = parser_.get_subcommands();
    if (chosen.empty()) {
        print_help(context.environment);
        return run::exit_code::usage;
    }
    return actions_.at(chosen.front()->get_name())(context);
}

}  // namespace ccci::cli
