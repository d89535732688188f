#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/completion.hpp"

namespace ccci::cli {

namespace {

// bash splits words at "=" as well. `compgen -W` would expand what is in its words.
constexpr const char* k_bash_begin =
    R"(# bash completion of cc-ci, printed by `cc-ci completion bash`

_cc_ci() {
    local current=${COMP_WORDS[COMP_CWORD]} command=cc-ci option='' arguments=0
    local i word value domain
    COMPREPLY=()
    [[ $current != = ]] || current=''
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        [[ $word != -- ]] || return 0
        [[ $word != = ]] || continue
        if [[ -n $option ]]; then
            option=''
        elif [[ $word == -* ]]; then
            _cc_ci_value "$command $word"
            [[ -z $value ]] || option=$word
        elif _cc_ci_is_command "$command $word"; then
            command+=" $word"
        else
            arguments=1
        fi
    done
    if [[ -n $option ]]; then
        _cc_ci_value "$command $option"
    elif [[ $current == -* ]]; then
        _cc_ci_options "$command"
    else
        _cc_ci_argument "$command"
        if [[ $value == many:* ]]; then
            value=${value#many:}
        elif ((arguments != 0)); then
            value=''
        fi
    fi
    case $value in
        words:*)
            for word in ${value#words:}; do
                [[ $word != "$current"* ]] || COMPREPLY+=("$word")
            done
            ;;
        runs | targets)
            while read -r word domain _; do
                [[ $word != RUN && $word != no ]] || continue
                [[ $word != "$current"* ]] || COMPREPLY+=("$word")
                [[ $value != targets || $domain != *.* || $domain != "$current"* ||
                    " ${COMPREPLY[*]} " == *" $domain "* ]] || COMPREPLY+=("$domain")
            done < <(cc-ci ps 2>/dev/null </dev/null)
            ;;
        files)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            ;;
    esac
}

)";

constexpr const char* k_bash_end = R"(complete -F _cc_ci cc-ci
)";

std::string bash_value(const Value& value) {
    switch (value.kind) {
        case Value::Kind::none:
            return "";
        case Value::Kind::free:
            return "free";
        case Value::Kind::file:
            return "files";
        case Value::Kind::run:
            return "runs";
        case Value::Kind::run_or_domain:
            return "targets";
        case Value::Kind::words:
            return "words:" + base::join(value.words, " ");
    }
    return "";
}

std::string bash_row(const std::string& pattern, const std::string& value) {
    return fmt::format("        '{}') value='{}' ;;\n", pattern, value);
}

std::string bash_function(const std::string& name, const std::string& rows) {
    return fmt::format("{}() {{\n    case $1 in\n{}        *) value='' ;;\n    esac\n}}\n\n", name,
                       rows);
}

/// What can stand where no option does: the name of a command, or an argument.
Value bash_place(const CommandNode& command) {
    if (command.commands.empty()) {
        return command.argument;
    }
    Value names{.kind = Value::Kind::words, .placeholder = {}, .words = {}};
    for (const CommandNode& below : command.commands) {
        names.words.push_back(below.name);
    }
    return names;
}

}  // namespace

std::string bash_completion(const CommandNode& program) {
    std::string options;
    std::string values;
    std::string arguments;
    std::vector<std::string> paths;
    for (const CommandNode* command : all_commands(program)) {
        std::vector<std::string> names;
        for (const OptionNode& option : command->options) {
            names.insert(names.end(), option.names.begin(), option.names.end());
            for (const std::string& name : option.names) {
                if (option.value.kind != Value::Kind::none) {
                    values += bash_row(command->path + " " + name, bash_value(option.value));
                }
            }
        }
        options += bash_row(command->path, "words:" + base::join(names, " "));
        arguments += bash_row(command->path, (command->takes_more_arguments ? "many:" : "") +
                                                 bash_value(bash_place(*command)));
        paths.push_back("'" + command->path + "'");
    }
    return k_bash_begin +
           fmt::format(
               "_cc_ci_is_command() {{\n    case $1 in\n        {}) return 0 ;;\n    esac\n"
               "    return 1\n}}\n\n",
               base::join(paths, " | ")) +
           bash_function("_cc_ci_options", options) + bash_function("_cc_ci_value", values) +
           bash_function("_cc_ci_argument", arguments) + k_bash_end;
}

}  // namespace ccci::cli
