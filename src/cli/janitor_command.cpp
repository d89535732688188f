#include <unistd.h>

#include <cerrno>
#include <memory>

#include "base/os_error.hpp"
#include "cli/commands.hpp"
#include "cli/programs.hpp"
#include "run/names.hpp"

namespace ccci::cli {

namespace {

struct JanitorOptions {
    std::string domain;
    bool dry_run = false;
    bool json = false;
};

int janitor(const Context& context, const JanitorOptions& options) {
    std::vector<std::string> arguments{"janitor"};
    if (!options.domain.empty()) {
        arguments.insert(arguments.end(), {"--domain", run::check_domain(options.domain)});
    }
    if (options.dry_run) {
        arguments.emplace_back("--dry-run");
    }
    if (options.json) {
        arguments.emplace_back("--json");
    }
    const run::Program program = apps_call(arguments, context.config(), context.environment);
    std::vector<char*> argv;
    std::vector<char*> environment;
    for (const std::string& argument : program.argv) {
        argv.push_back(const_cast<char*>(argument.c_str()));
    }
    for (const std::string& variable : program.environment) {
        environment.push_back(const_cast<char*>(variable.c_str()));
    }
    argv.push_back(nullptr);
    environment.push_back(nullptr);
    (void)::execve(argv[0], argv.data(), environment.data());
    base::throw_errno(errno, "execute {}", program.argv[0]);
}

}  // namespace

Action add_janitor(CLI::App& program) {
    auto options = std::make_shared<JanitorOptions>();
    CLI::App* command = program.add_subcommand(
        "janitor", "Probe the lock of every run app and reap those that nobody owns");
    command->add_option("--domain", options->domain, "Only this one");
    command->add_flag("--dry-run", options->dry_run,
                      "Say what would be done, and on what evidence");
    command->add_flag("--json", options->json, "As JSON");
    return [options](const Context& context) { return janitor(context, *options); };
}

}  // namespace ccci::cli
