#include "cli/command_tree.hpp"

#include "base/text.hpp"
#include "naming/stages.hpp"

namespace ccci::cli {

namespace {

Value value_of(const std::string& placeholder) {
    Value value{.kind = Value::Kind::free, .placeholder = placeholder, .words = {}};
    if (placeholder == "FILE") {
        value.kind = Value::Kind::file;
    } else if (placeholder == "RUN") {
        value.kind = Value::Kind::run;
    } else if (placeholder == "TIER") {
        value.kind = Value::Kind::words;
        for (const naming::Tier tier : naming::k_tiers) {
            value.words.emplace_back(naming::to_string(tier));
        }
        value.words.insert(value.words.end(), {"job", "teardown"});
    } else if (placeholder == "FORMAT") {
        value.kind = Value::Kind::words;
        value.words = {"cat", "short", "json"};
    } else if (placeholder.find('|') != std::string::npos) {
        value.kind = Value::Kind::words;
        value.words = base::split(placeholder, '|');
    }
    return value;
}

OptionNode option_node(const CLI::Option& option) {
    OptionNode node;
    for (const std::string& name : option.get_snames()) {
        node.names.push_back("-" + name);
    }
    for (const std::string& name : option.get_lnames()) {
        node.names.push_back("--" + name);
    }
    if (option.get_items_expected_max() > 0) {
        node.value = value_of(option.get_type_name());
    }
    return node;
}

CommandNode command_node(const CLI::App& command, const std::string& above,
                         const std::vector<OptionNode>& inherited) {
    CommandNode node;
    node.name = command.get_name();
    node.path = above.empty() ? node.name : above + " " + node.name;
    std::vector<OptionNode> handed_on = inherited;
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_positional()) {
            const std::string type = option->get_type_name();
            node.argument = value_of(type.empty() ? option->get_name() : type);
            if (node.argument.kind == Value::Kind::run) {
                node.argument.kind = Value::Kind::run_or_domain;
            }
            node.takes_more_arguments = option->get_items_expected_max() > 1;
            continue;
        }
        node.options.push_back(option_node(*option));
        if (option != command.get_help_ptr() && option != command.get_version_ptr()) {
            handed_on.push_back(node.options.back());
        }
    }
    node.options.insert(node.options.end(), inherited.begin(), inherited.end());
    for (const CLI::App* below : command.get_subcommands({})) {
        node.commands.push_back(command_node(
            *below, node.path, below->get_fallthrough() ? handed_on : std::vector<OptionNode>{}));
    }
    return node;
}

}  // namespace

std::string subject_of(const OptionNode& option) {
    const std::string names = base::join(option.names, ", ");
    return option.value.kind == Value::Kind::none ? names : names + " " + option.value.placeholder;
}

CommandNode command_tree(const CLI::App& program) {
    return command_node(program, "", {});
}

std::vector<const CommandNode*> all_commands(const CommandNode& root) {
    std::vector<const CommandNode*> nodes{&root};
    for (const CommandNode& below : root.commands) {
        const auto more = all_commands(below);
        nodes.insert(nodes.end(), more.begin(), more.end());
    }
    return nodes;
}

std::vector<const CLI::App*> chosen_commands(const CLI::App& program) {
    std::vector<const CLI::App*> chosen{&program};
    for (;;) {
        const auto below = chosen.back()->get_subcommands();
        if (below.empty()) {
            return chosen;
        }
        chosen.push_back(below.front());
    }
}

std::string chosen_path(const CLI::App& program) {
    std::vector<std::string> names;
    for (const CLI::App* command : chosen_commands(program)) {
        names.push_back(command->get_name());
    }
    return base::join(names, " ");
}

}  // namespace ccci::cli
