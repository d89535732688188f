#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "run/usage_error.hpp"
#include "run/verdict.hpp"
#include "version.hpp"

namespace ccci::cli {

namespace {

/// A descriptor 0, 1 or 2 that is closed would be given to the next file that is opened, and what
/// is meant for stderr would go there.
void open_standard_descriptors() {
    for (int fd = 0; fd < 3; ++fd) {
        if (::fcntl(fd, F_GETFD) == -1) {
            (void)!::open("/dev/null", O_RDWR);  // takes the lowest number: this one; NOLINT
        }
    }
}

void complain(const std::string& text) {
    // One line, whatever went wrong.
    print(stderr, "cc-ci: {}\n", base::printable(text, 1000));
}

/// The commands, or only those that the arguments name: every option of every command takes its
/// time to set up, and every run pays for it.
std::map<std::string, Action> add_commands(CLI::App& program,
                                           const std::vector<std::string>& arguments) {
    const std::map<std::string, Action (*)(CLI::App&)> commands{
        {"run", add_run},   {"recipe", add_recipe},   {"ps", add_ps},     {"cancel", add_cancel},
        {"logs", add_logs}, {"janitor", add_janitor}, {"warm", add_warm},
    };
    const auto is_given = [&](const std::string& word) {
        return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
    };
    const bool some = !is_given("--help") && !is_given("-h") &&
                      std::any_of(commands.begin(), commands.end(),
                                  [&](const auto& command) { return is_given(command.first); });
    std::map<std::string, Action> actions;
    for (const auto& [name, add] : commands) {
        if (!some || is_given(name)) {
            actions.emplace(name, add(program));
        }
    }
    return actions;
}

int act(const std::map<std::string, Action>& actions, CLI::App& program, const Context& context) {
    const auto chosen = program.get_subcommands();
    if (chosen.empty()) {
        print(stdout, "{}", program.help());
        return run::exit_code::usage;
    }
    return actions.at(chosen.front()->get_name())(context);
}

}  // namespace

int main(int argc, char** argv) {
    Context context;
    context.parent_at_start = ::getppid();
    open_standard_descriptors();
    (void)::signal(SIGPIPE, SIG_IGN);

    std::vector<std::string> arguments{argv + 1, argv + argc};
    if (const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
        dashes != arguments.end()) {
        context.has_dashes = true;
        context.after_dashes.assign(dashes + 1, arguments.end());
        arguments.erase(dashes, arguments.end());
    }

    CLI::App program{"CI runs that deploy real applications, and never leak one", "cc-ci"};
    program.set_version_flag("--version", std::string{"cc-ci "} + k_version);
    program.add_option("--config", context.config_file, "Configuration file");
    program.fallthrough();
    const std::map<std::string, Action> actions = add_commands(program, arguments);
    program.require_subcommand(0, 1);
    try {
        std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants it
        program.parse(arguments);
        context.environment = base::own_environment();
        return act(actions, program, context);
    } catch (const CLI::Success& success) {
        return program.exit(success);  // --help, --version
    } catch (const CLI::ParseError& error) {
        complain(error.what());
        return run::exit_code::usage;
    } catch (const run::UsageError& error) {
        complain(error.what());
        return run::exit_code::usage;
    } catch (const std::exception& error) {
        complain(error.what());
        return run::exit_code::internal;
    }
}

}  // namespace ccci::cli
