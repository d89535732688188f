#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/completion.hpp"

namespace ccci::cli {

namespace {

constexpr const char* k_zsh_begin = R"zsh(#compdef cc-ci
# zsh completion of cc-ci, printed by `cc-ci completion zsh`

_cc-ci_runs() {
  local -a runs
  runs=("${(@f)$(cc-ci ps 2>/dev/null </dev/null)}")
  runs=("${(@)runs%% *}")
  runs=("${(@)runs:#(RUN|no)}")
  compadd -a runs
}

_cc-ci_targets() {
  local line
  local -a words domains
  for line in "${(@f)$(cc-ci ps 2>/dev/null </dev/null)}"; do
    words=(${=line})
    [[ $words[2] != *.* ]] || domains+=($words[2])
  done
  _cc-ci_runs
  compadd -a domains
}

)zsh";

// The file may be sourced, or be found in fpath and be run as the function's body.
constexpr const char* k_zsh_end = R"zsh(if [[ $funcstack[1] == _cc-ci ]]; then
  _cc-ci "$@"
else
  compdef _cc-ci cc-ci
fi
)zsh";

std::string zsh_quote(const std::string& text) {
    return "'" + base::replace_all(text, "'", "'\\''") + "'";
}

std::string zsh_escape(std::string text, std::string_view characters) {
    text = base::replace_all(std::move(text), "\\", "\\\\");
    for (const char character : characters) {
        text = base::replace_all(std::move(text), std::string{character},
                                 std::string{'\\', character});
    }
    return text;
}

std::string zsh_value(const Value& value) {
    const std::string label = ":" + zsh_escape(value.placeholder, ":") + ":";
    switch (value.kind) {
        case Value::Kind::none:
            return "";
        case Value::Kind::free:
            return label + " ";
        case Value::Kind::file:
            return label + "_files";
        case Value::Kind::run:
            return label + "_cc-ci_runs";
        case Value::Kind::run_or_domain:
            return label + "_cc-ci_targets";
        case Value::Kind::words:
            return label + "(" + base::join(value.words, " ") + ")";
    }
    return "";
}

std::string zsh_options(const CommandNode& command) {
    std::string text;
    for (const OptionNode& option : command.options) {
        const std::string excluded =
            option.names.size() > 1 ? "(" + base::join(option.names, " ") + ")" : "";
        for (const std::string& name : option.names) {
            const bool takes_value = option.value.kind != Value::Kind::none;
            const char* joint = !takes_value ? "" : name.starts_with("--") ? "=" : "+";
            text += " \\\n    " + zsh_quote(fmt::format("{}{}{}[{}]{}", excluded, name, joint,
                                                        zsh_escape(option.description, "[]"),
                                                        zsh_value(option.value)));
        }
    }
    return text;
}

std::string zsh_function_name(const CommandNode& command) {
    return "_" + base::replace_all(command.path, " ", "_");
}

/// A command with others below it.
std::string zsh_dispatch(const CommandNode& command) {
    std::string names;
    std::string calls;
    for (const CommandNode& below : command.commands) {
        names += fmt::format("        {}\n", zsh_quote(zsh_escape(below.name, ":") + ":" +
                                                       zsh_escape(below.description, ":")));
        calls += fmt::format("        {}) {} ;;\n", below.name, zsh_function_name(below));
    }
    return fmt::format(
        "  local curcontext=$curcontext state line\n"
        "  local -a commands\n"
        "  typeset -A opt_args\n"
        "  _arguments -C -S{} \\\n    '1: :->command' \\\n    '*:: :->rest' && return 0\n"
        "  case $state in\n"
        "    command)\n      commands=(\n{}      )\n"
        "      _describe -t commands command commands\n      ;;\n"
        "    rest)\n      case $line[1] in\n{}      esac\n      ;;\n"
        "  esac\n",
        zsh_options(command), names, calls);
}

std::string zsh_function(const CommandNode& command) {
    std::string text;
    if (!command.commands.empty()) {
        text = zsh_dispatch(command);
    } else {
        text = "  _arguments -S" + zsh_options(command);
        if (command.argument.kind != Value::Kind::none) {
            text += " \\\n    " + zsh_quote((command.takes_more_arguments ? "*" : "1") +
                                            zsh_value(command.argument));
        }
        text += "\n";
    }
    return fmt::format("{}() {{\n{}}}\n\n", zsh_function_name(command), text);
}

}  // namespace

std::string zsh_completion(const CommandNode& program) {
    std::string text = k_zsh_begin;
    for (const CommandNode* command : all_commands(program)) {
        text += zsh_function(*command);
    }
    return text + k_zsh_end;
}

}  // namespace ccci::cli
