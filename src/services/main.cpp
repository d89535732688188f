#include <signal.h>

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "base/process.hpp"
#include "base/text.hpp"
#include "log/log.hpp"
#include "run/effective_config.hpp"
#include "run/usage_error.hpp"
#include "run/verdict.hpp"
#include "services/action.hpp"
#include "services/bridge_service.hpp"
#include "services/dashboard_service.hpp"
#include "version.hpp"

// What goes on for as long as the host does. Nobody calls it by hand: cc-ci does, and tells it the
// configuration that it has found to be in force.

namespace {

namespace run = ccci::run;
namespace services = ccci::services;

int act(int argc, char** argv) {
    CLI::App program{"cc-ci-services"};
    program.require_subcommand(1);
    program.set_version_flag("--version", std::string{"cc-ci-services "} + ccci::k_version);
    std::map<std::string, services::Action> actions{{"dashboard", services::dashboard}};
    for (const auto& [name, action] : actions) {
        program.add_subcommand(name);
    }
    actions.emplace("bridge", services::add_bridge(program));
    try {
        program.parse(argc, argv);
        const auto environment = ccci::base::own_environment();
        const std::string chosen = program.get_subcommands().front()->get_name();
        return actions.at(chosen)(run::effective_config(environment), environment);
    } catch (const CLI::Success& success) {
        return program.exit(success);  // --version
    } catch (const CLI::ParseError& error) {
        throw run::UsageError{error.what()};
    }
}

}  // namespace

int main(int argc, char** argv) {
    (void)::signal(SIGPIPE, SIG_IGN);
    try {
        return act(argc, argv);
    } catch (const run::UsageError& error) {
        ccci::log::make_log()->error(ccci::base::printable(error.what(), 1000));
        return run::exit_code::usage;
    } catch (const std::exception& error) {
        ccci::log::make_log()->error(ccci::base::printable(error.what(), 1000));
        return run::exit_code::internal;
    }
}
