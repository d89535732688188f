#include "cli/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/text.hpp"
#include "cli/command_tree.hpp"

namespace ccci::cli {

namespace {

/// Longer words are nobody's slip, and the work grows with the square.
constexpr std::size_t k_longest = 256;

std::vector<std::string> commands_below(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::App* below : command.get_subcommands({})) {
        names.push_back(below->get_name());
    }
    return names;
}

void add_options(const CLI::App& command, std::vector<std::string>& names) {
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
}

}  // namespace

std::size_t edit_distance(std::string_view one, std::string_view other) {
    std::vector<std::size_t> before_last(other.size() + 1);
    std::vector<std::size_t> last(other.size() + 1);
    std::vector<std::size_t> row(other.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= one.size(); ++i) {
        std::swap(before_last, last);
        std::swap(last, row);
        row[0] = i;
        for (std::size_t j = 1; j <= other.size(); ++j) {
            const bool same = one[i - 1] == other[j - 1];
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
    }
    return row[other.size()];
}

std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& known,
                                 std::size_t most) {
    if (word.size() > k_longest) {
        return {};
    }
    const std::size_t allowed = std::max<std::size_t>(1, word.size() / 3);
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const std::string& each : known) {
        const std::size_t distance =
            each.size() > k_longest ? k_longest : edit_distance(word, each);
        if (distance <= allowed && distance < each.size()) {
            near.emplace_back(distance, each);
        }
    }
    std::stable_sort(near.begin(), near.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> words;
    for (std::size_t n = 0; n < near.size() && n < most; ++n) {
        words.push_back(near[n].second);
    }
    return words;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known,
                         const std::string& otherwise) {
    std::vector<std::string> words = nearest(word, known);
    if (words.empty()) {
        return otherwise;
    }
    for (std::string& each : words) {
        each = "'" + base::printable(each) + "'";
    }
    const std::string last = words.back();
    words.pop_back();
    return fmt::format("; did you mean {}{}{}?", base::join(words, ", "),
                       words.empty() ? "" : " or ", last);
}

std::string explain_unexpected(const CLI::App& program, const CLI::App& whole) {
    const std::vector<std::string> unexpected = program.remaining(true);
    if (unexpected.empty()) {
        return "";
    }
    const auto chosen = chosen_commands(program);
    const std::string command = chosen_path(program);
    const std::string help = fmt::format(" ({} --help lists them)", command);
    const std::string& word = unexpected.front();
    if (word.starts_with('-')) {
        std::vector<std::string> options;
        add_options(*chosen.back(), options);
        add_options(program, options);
        const std::string option = word.substr(0, word.find('='));
        return fmt::format("no option '{}' of {}{}", base::printable(option), command,
                           did_you_mean(option, options, help));
    }
    const std::vector<std::string> commands =
        commands_below(chosen.size() == 1 ? whole : *chosen.back());
    if (!commands.empty()) {
        return fmt::format("no command '{}'{}", base::printable(word),
                           did_you_mean(word, commands, help));
    }
    return fmt::format("{} takes no argument '{}'", command, base::printable(word));
}

}  // namespace ccci::cli
