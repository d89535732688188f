#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/completion.hpp"

namespace ccci::cli {

namespace {

constexpr const char* k_fish_begin =
    R"(# fish completion of cc-ci, printed by `cc-ci completion fish`

function __cc_ci_runs
    command --query cc-ci
    and command cc-ci ps 2>/dev/null </dev/null | string match --regex '^(?!RUN |no )\S+'
end

function __cc_ci_targets
    __cc_ci_runs
    command --query cc-ci
    and command cc-ci ps 2>/dev/null </dev/null | string match --groups-only --regex '^(?!RUN |no )\S+ +(\S+\.\S+)'
end

# Succeeds in the command $wanted; with $place 'first', only before its first argument.
function __cc_ci_in --argument-names wanted place
    set --local tokens (commandline -opc)
    set --erase tokens[1]
    set --local command cc-ci
    set --local is_value no
    set --local arguments no
    for word in $tokens
        if test $is_value = yes
            set is_value no
            continue
        end
        switch $word
            case --
                return 1
            case '-*'
                if __cc_ci_takes_value "$command $word"
                    set is_value yes
                end
            case '*'
                if __cc_ci_is_command "$command $word"
                    set command "$command $word"
                else
                    set arguments yes
                end
        end
    end
    test "$command" = "$wanted"; and test "$place" != first -o $arguments = no
end

)";

constexpr const char* k_fish_common = R"(complete --command cc-ci --no-files
)";

std::string fish_quote(std::string text) {
    text = base::replace_all(std::move(text), "\\", "\\\\");
    return "'" + base::replace_all(std::move(text), "'", "\\'") + "'";
}

std::string fish_value(const Value& value) {
    switch (value.kind) {
        case Value::Kind::none:
            return "";
        case Value::Kind::free:
            return " --exclusive";
        case Value::Kind::file:
            return " --require-parameter --force-files";
        case Value::Kind::run:
            return " --exclusive --keep-order --arguments '(__cc_ci_runs)'";
        case Value::Kind::run_or_domain:
            return " --exclusive --keep-order --arguments '(__cc_ci_targets)'";
        case Value::Kind::words:
            return " --exclusive --arguments " + fish_quote(base::join(value.words, " "));
    }
    return "";
}

std::string fish_line(const CommandNode& command, const std::string& place,
                      const std::string& what) {
    return fmt::format("complete --command cc-ci --condition {}{}\n",
                       fish_quote("__cc_ci_in " + fish_quote(command.path) + place), what);
}

std::string fish_option(const CommandNode& command, const OptionNode& option) {
    std::string what;
    for (const std::string& name : option.names) {
        const bool is_long = name.starts_with("--");
        what += is_long ? " --long-option " : " --short-option ";
        what += name.substr(is_long ? 2 : 1);
    }
    return fish_line(
        command, "",
        what + fish_value(option.value) + " --description " + fish_quote(option.description));
}

std::string fish_test(const std::string& name, const std::vector<std::string>& texts) {
    std::vector<std::string> quoted;
    quoted.reserve(texts.size());
    for (const std::string& text : texts) {
        quoted.push_back(fish_quote(text));
    }
    return fmt::format("function {}\n    contains -- $argv[1] {}\nend\n\n", name,
                       base::join(quoted, " "));
}

}  // namespace

std::string fish_completion(const CommandNode& program) {
    std::vector<std::string> paths;
    std::vector<std::string> with_value;
    std::string lines;
    for (const CommandNode* command : all_commands(program)) {
        paths.push_back(command->path);
        for (const CommandNode& below : command->commands) {
            lines += fish_line(*command, " first",
                               fmt::format(" --arguments {} --description {}", below.name,
                                           fish_quote(below.description)));
        }
        if (command->argument.kind != Value::Kind::none) {
            lines += fish_line(*command, command->takes_more_arguments ? "" : " first",
                               fish_value(command->argument));
        }
        for (const OptionNode& option : command->options) {
            lines += fish_option(*command, option);
            for (const std::string& name : option.names) {
                if (option.value.kind != Value::Kind::none) {
                    with_value.push_back(command->path + " " + name);
                }
            }
        }
    }
    return k_fish_begin + fish_test("__cc_ci_is_command", paths) +
           fish_test("__cc_ci_takes_value", with_value) + k_fish_common + lines;
}

}  // namespace ccci::cli
