#include <memory>

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
    become(apps_call(arguments, context.config(), context.environment));
}

}  // namespace

Action add_janitor(CLI::App& program) {
    auto options = std::make_shared<JanitorOptions>();
    CLI::App* command = program.add_subcommand("janitor");
    command->add_option("--domain", options->domain)->type_name("DOMAIN");
    command->add_flag("--dry-run", options->dry_run);
    command->add_flag("--json", options->json);
    return [options](const Context& context) { return janitor(context, *options); };
}

}  // namespace ccci::cli
