#include "cli/help_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "cli/text_width.hpp"
#include "help/page.hpp"

namespace ccci::cli {

namespace {

constexpr std::size_t k_indent = 2;

/// "a|b|c" as "a|", "b|" and "c".
std::vector<std::string> parts_of(const std::string& word) {
    std::vector<std::string> parts = base::split(word, '|');
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        parts[i] += '|';
    }
    return parts;
}

std::string section(const std::string& heading, const std::vector<help::Entry>& entries,
                    std::size_t width) {
    if (entries.empty()) {
        return "";
    }
    std::string text = fmt::format("\n{}:\n", heading);
    for (const help::Entry& entry : entries) {
        text += wrapped(entry.subject, k_indent, width) +
                wrapped(base::join(entry.sentences, " "), 3 * k_indent, width);
    }
    return text;
}

/// Of what the program's page says, that which this command takes and does not say itself.
std::vector<help::Entry> options_from_above(const CommandNode& command, const help::Page& page,
                                            const help::Page& program_page) {
    std::vector<help::Entry> entries;
    for (const help::Entry& entry : program_page.options) {
        const bool is_taken = std::ranges::any_of(command.options, [&](const OptionNode& option) {
            return subject_of(option) == entry.subject;
        });
        if (is_taken && page.option(entry.subject) == nullptr) {
            entries.push_back(entry);
        }
    }
    return entries;
}

}  // namespace

std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
    const std::string margin(indent, ' ');
    std::string lines = margin;
    std::size_t used = indent;
    for (const std::string& word : base::split(text, ' ')) {
        const bool breaks = indent + width_of(word) > width;
        bool first = true;
        for (const std::string& part : breaks ? parts_of(word) : std::vector{word}) {
            const std::size_t space = first && used > indent ? 1 : 0;
            const std::size_t taken = space + width_of(part);
            if (used > indent && used + taken > width) {
                lines += '\n' + margin + part;
                used = indent + width_of(part);
            } else {
                lines += std::string(space, ' ') + part;
                used += taken;
            }
            first = false;
        }
    }
    return lines + '\n';
}

std::string help_text(const CommandNode& program, const std::string& command, std::size_t width) {
    const help::Page program_page = help::find_page(program.path).value();
    const help::Page page = help::find_page(command).value();
    std::string text = wrapped(page.summary, 0, width) + "\nUsage:\n";
    for (const std::string& line : page.usage) {
        text += wrapped(line, k_indent, width);
    }
    text += section("Commands", page.commands, width) + section("Options", page.options, width);
    for (const CommandNode* node : all_commands(program)) {
        if (node->path == command) {
            text += section("Options of every command",
                            options_from_above(*node, page, program_page), width);
        }
    }
    return text + fmt::format("\nThere is more in {}(1).\n", help::man_page_name(command));
}

}  // namespace ccci::cli
