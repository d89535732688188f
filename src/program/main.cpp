#include "program/main.hpp"

#include <signal.h>

#include "base/process.hpp"
#include "base/text.hpp"
#include "log/log.hpp"
#include "run/effective_config.hpp"
#include "run/usage_error.hpp"
#include "run/verdict.hpp"
#include "version.hpp"

namespace ccci::program {

namespace {

int act(int argc, char** argv, const std::string& name, Actions (*add_commands)(CLI::App&)) {
    CLI::App parser{name};
    parser.require_subcommand(1);
    parser.set_version_flag("--version", name + " " + k_version);
    const Actions actions = add_commands(parser);
    try {
        parser.parse(argc, argv);
        const auto environment = base::own_environment();
        const std::string chosen = parser.get_subcommands().front()->get_name();
        return actions.at(chosen)(run::effective_config(environment), environment);
    } catch (const CLI::Success& success) {
        return parser.exit(success);  // --version
    } catch (const CLI::ParseError& error) {
        throw run::UsageError{error.what()};
    }
}

}  // namespace

int main(int argc, char** argv, const std::string& name, Actions (*add_commands)(CLI::App&)) {
    (void)::signal(SIGPIPE, SIG_IGN);
    try {
        return act(argc, argv, name, add_commands);
    } catch (const run::UsageError& error) {
        log::make_log()->error(base::printable(error.what(), 1000));
        return run::exit_code::usage;
    } catch (const std::exception& error) {
        log::make_log()->error(base::printable(error.what(), 1000));
        return run::exit_code::internal;
    }
}

}  // namespace ccci::program
