#include "cli/describe.hpp"

#include "help/page.hpp"

namespace ccci::cli {

namespace {

/// As completions show it.
std::string without_full_stop(std::string sentence) {
    if (sentence.ends_with('.')) {
        sentence.pop_back();
    }
    return sentence;
}

void describe_below(CommandNode& command, const help::Page& program_page) {
    const auto page = help::find_page(command.path);
    command.description = page ? without_full_stop(page->summary) : "";
    for (OptionNode& option : command.options) {
        const help::Entry* entry = page ? page->option(subject_of(option)) : nullptr;
        if (entry == nullptr) {
            entry = program_page.option(subject_of(option));
        }
        option.description = entry != nullptr && !entry->sentences.empty()
                                 ? without_full_stop(entry->sentences.front())
                                 : "";
    }
    for (CommandNode& below : command.commands) {
        describe_below(below, program_page);
    }
}

}  // namespace

void describe(CommandNode& program) {
    if (const auto page = help::find_page(program.path)) {
        describe_below(program, *page);
    }
}

}  // namespace ccci::cli
