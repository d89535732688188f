#include <filesystem>
#include <memory>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/guarded_run.hpp"
#include "cli/programs.hpp"
#include "run/usage_error.hpp"

namespace ccci::cli {

namespace {

struct RunOptions {
    std::string domain;
    std::string teardown;
    GuardOptions guard;
};

int run_command(const Context& context, const RunOptions& options) {
    if (!context.has_dashes || context.after_dashes.empty()) {
        throw run::UsageError{"no command given: cc-ci run [options] -- COMMAND [ARG...]"};
    }
    run::Config config = context.config();
    launch::Order order;
    order.request.job = {.argv = context.after_dashes,
                         .environment = context.environment,
                         .directory = std::filesystem::current_path()};
    order.label = base::printable(
        std::filesystem::path{context.after_dashes.front()}.filename().native(), 40);
    if (!options.domain.empty()) {
        order.domain = run::check_domain(options.domain);
    }
    if (!options.teardown.empty()) {
        order.request.teardown = run::Program{.argv = {"/bin/sh", "-c", options.teardown},
                                              .environment = context.environment,
                                              .directory = std::filesystem::current_path()};
        config.platform = run::PlatformKind::none;
    } else if (!order.domain.empty() && config.run_app_pattern.matches(order.domain) &&
               config.platform != run::PlatformKind::none) {
        order.request.teardown =
            apps_call({"teardown", "--domain", order.domain}, config, context.environment);
        order.always_clean_slate = true;
    } else {
        // A name that no run app has may be somebody's long-lived app: locked, but never removed.
        config.platform = run::PlatformKind::none;
    }
    return run_guarded(context, config, options.guard, std::move(order));
}

}  // namespace

Action add_run(CLI::App& program) {
    auto options = std::make_shared<RunOptions>();
    CLI::App* command = program.add_subcommand("run");
    command->add_option("--domain", options->domain)->type_name("DOMAIN");
    command->add_option("--teardown", options->teardown)->type_name("COMMAND");
    add_guard_options(*command, options->guard);
    return [options](const Context& context) { return run_command(context, *options); };
}

}  // namespace ccci::cli
