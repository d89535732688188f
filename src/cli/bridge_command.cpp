#include <memory>

#include "cli/commands.hpp"
#include "cli/programs.hpp"

namespace ccci::cli {

namespace {

struct BridgeOptions {
    std::string state_dir;
    std::string forge_token_file;
    std::string drone_token_file;
    std::string secret_file;
    bool check = false;
};

int bridge(const Context& context, const BridgeOptions& options) {
    std::vector<std::string> arguments{"bridge"};
    const auto pass = [&](const char* name, const std::string& value) {
        if (!value.empty()) {
            arguments.insert(arguments.end(), {name, value});
        }
    };
    pass("--state-dir", options.state_dir);
    pass("--forge-token-file", options.forge_token_file);
    pass("--drone-token-file", options.drone_token_file);
    pass("--secret-file", options.secret_file);
    if (options.check) {
        arguments.emplace_back("--check");
    }
    become(services_call(arguments, context.config(), context.environment));
}

}  // namespace

Action add_bridge(CLI::App& program) {
    auto options = std::make_shared<BridgeOptions>();
    CLI::App* command = program.add_subcommand("bridge");
    command->add_option("--state-dir", options->state_dir)->type_name("DIRECTORY");
    command->add_option("--forge-token-file", options->forge_token_file)->type_name("FILE");
    command->add_option("--drone-token-file", options->drone_token_file)->type_name("FILE");
    command->add_option("--secret-file", options->secret_file)->type_name("FILE");
    command->add_flag("--check", options->check);
    return [options](const Context& context) { return bridge(context, *options); };
}

}  // namespace ccci::cli
