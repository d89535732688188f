#include <memory>

#include "cli/commands.hpp"
#include "cli/programs.hpp"
#include "run/config.hpp"

namespace ccci::cli {

namespace {

struct DashboardOptions {
    std::string listen;
};

int dashboard(const Context& context, const DashboardOptions& options) {
    run::Config config = context.config();
    if (!options.listen.empty()) {
        run::apply_json(config, {{"dashboard_listen", options.listen}}, "--listen");
    }
    become(services_call({"dashboard"}, config, context.environment));
}

}  // namespace

Action add_dashboard(CLI::App& program) {
    auto options = std::make_shared<DashboardOptions>();
    CLI::App* command = program.add_subcommand("dashboard");
    command->add_option("--listen", options->listen)->type_name("ADDRESS:PORT");
    return [options](const Context& context) { return dashboard(context, *options); };
}

}  // namespace ccci::cli
