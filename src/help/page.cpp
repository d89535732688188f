#include "help/page.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "help/page_texts.hpp"

namespace ccci::help {

namespace {

constexpr std::string_view k_title = "# ";
constexpr std::string_view k_section = "## ";
constexpr std::string_view k_subject = "- ";
constexpr std::string_view k_sentence = "  ";
constexpr std::string_view k_fence = "```";

/// "the `--keep` of [cc-ci-prune(1)](prune.md)" without what is meant for Markdown.
std::string plain(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::size_t close = text[at] == '[' ? text.find(']', at) : std::string_view::npos;
        if (close != std::string_view::npos && text.substr(close).starts_with("](")) {
            out += plain(text.substr(at + 1, close - at - 1));
            at = std::min(text.find(')', close), text.size());
        } else if (text[at] != '`') {
            out += text[at];
        }
    }
    return out;
}

std::string title_of(std::string_view text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    return line.starts_with(k_title) ? std::string{line.substr(k_title.size())} : "";
}

void add_to_entries(std::vector<Entry>& entries, std::string_view line) {
    if (line.starts_with(k_subject) && line.ends_with(':')) {
        line.remove_prefix(k_subject.size());
        line.remove_suffix(1);
        entries.push_back({plain(line), {}});
    } else if (line.starts_with(k_sentence) && !entries.empty()) {
        entries.back().sentences.push_back(plain(line.substr(k_sentence.size())));
    }
}

}  // namespace

const Entry* Page::option(const std::string& subject) const {
    const auto found = std::ranges::find(options, subject, &Entry::subject);
    return found == options.end() ? nullptr : &*found;
}

Page parse_page(std::string_view text) {
    Page page{.command = title_of(text), .summary = {}, .usage = {}, .commands = {}, .options = {}};
    std::string section;
    for (const std::string& line : base::split(text, '\n')) {
        if (line.starts_with(k_section)) {
            section = line.substr(k_section.size());
        } else if (section == "Usage" && !line.empty() && !line.starts_with(k_fence)) {
            page.usage.push_back(line);
        } else if (section == "Commands") {
            add_to_entries(page.commands, line);
        } else if (section == "Options") {
            add_to_entries(page.options, line);
        } else if (section.empty() && page.summary.empty() && !line.starts_with(k_title)) {
            page.summary = plain(line);
        }
    }
    return page;
}

std::optional<Page> find_page(std::string_view command) {
    // Only the one that is wanted is parsed.
    for (const std::string_view text : k_page_texts) {
        if (title_of(text) == command) {
            return parse_page(text);
        }
    }
    return std::nullopt;
}

std::vector<Page> all_pages() {
    std::vector<Page> pages;
    for (const std::string_view text : k_page_texts) {
        pages.push_back(parse_page(text));
    }
    return pages;
}

std::string man_page_name(std::string_view command) {
    return base::replace_all(std::string{command}, " ", "-");
}

}  // namespace ccci::help
