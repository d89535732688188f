#include <signal.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <map>

#include "apps/doctor_app.hpp"
#include "apps/janitor_app.hpp"
#include "apps/recipe_app.hpp"
#include "apps/teardown_app.hpp"
#include "apps/warm_app.hpp"
#include "apps/watch_build_app.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "log/log.hpp"
#include "run/effective_config.hpp"
#include "run/usage_error.hpp"
#include "run/verdict.hpp"
#include "version.hpp"

// The half of cc-ci that speaks HTTP. Nobody calls it by hand: cc-ci does, and tells it the
// configuration that it has found to be in force.

namespace {

namespace run = ccci::run;
namespace apps = ccci::apps;

int act(int argc, char** argv) {
    CLI::App program{"cc-ci-apps"};
    program.require_subcommand(1);
    program.set_version_flag("--version", std::string{"cc-ci-apps "} + ccci::k_version);
    std::map<std::string, apps::Action> actions{
        {"janitor", apps::add_janitor(program)},
        {"doctor", apps::add_doctor(program)},
        {"teardown", apps::add_teardown(program)},
        {"recipe-job", apps::add_recipe_job(program)},
        {"recipe-teardown", apps::add_recipe_teardown(program)},
        {"warm-restore", apps::add_warm_restore(program)},
        {"warm-remove", apps::add_warm_remove(program)},
        {"warm-list", apps::add_warm_list(program)},
        {"watch-build", apps::add_watch_build(program)}};
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
