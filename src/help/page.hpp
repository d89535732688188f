#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::help {

/// "-n, --lines NUMBER" and what is said of it.
struct Entry {
    std::string subject;
    std::vector<std::string> sentences;  ///< the first one says what it is
};

/// What help needs of a command's page. All of it is plain text, without Markdown.
struct Page {
    std::string command;  ///< with all names down to it: "cc-ci warm promote"
    std::string summary;  ///< one sentence
    std::vector<std::string> usage;
    std::vector<Entry> commands;
    std::vector<Entry> options;

    /// The entry of that subject, which must be the same letter by letter.
    [[nodiscard]] const Entry* option(const std::string& subject) const;
};

/// Reads a page of docs/cli (docs/contributing.md has its form). What it does not know is left out.
Page parse_page(std::string_view text);

/// The page of a command as it is in docs/cli, which is in the program; nullopt: there is none.
std::optional<Page> find_page(std::string_view command);

/// All of them.
std::vector<Page> all_pages();

/// "cc-ci-warm-promote", which is what man calls the page of "cc-ci warm promote".
std::string man_page_name(std::string_view command);

}  // namespace ccci::help
