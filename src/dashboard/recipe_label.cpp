#include "dashboard/recipe_label.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

#include "base/text.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::dashboard {

namespace {

constexpr int k_most_levels = 99;

bool skip(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) {
        return false;
    }
    text.remove_prefix(word.size());
    return true;
}

std::optional<int> number_from(std::string_view& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value < 0 || value > k_most_levels) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

}  // namespace

std::optional<RecipeLabel> recipe_of(const run::Record& record) {
    std::string_view rest = record.job;
    if (!skip(rest, "recipe ")) {
        return std::nullopt;
    }
    const std::string_view name = rest.substr(0, rest.find(' '));
    const std::size_t hash = name.find('#');
    RecipeLabel label{.recipe = std::string{name.substr(0, hash)},
                      .pull_request = hash == std::string_view::npos
                                          ? std::string{}
                                          : std::string{name.substr(hash + 1)},
                      .lane = std::string{base::trim(rest.substr(name.size()))}};
    if (!run::is_recipe(label.recipe)) {
        return std::nullopt;
    }
    try {
        (void)run::check_pull_request(label.pull_request);
    } catch (const run::UsageError&) {
        return std::nullopt;
    }
    return label;
}

std::optional<Level> level_of(const run::Record& record) {
    std::string_view rest = record.note;
    if (!skip(rest, "level ")) {
        return std::nullopt;
    }
    const auto reached = number_from(rest);
    if (!reached || !skip(rest, " of ")) {
        return std::nullopt;
    }
    const auto of = number_from(rest);
    if (!of || *reached > *of || (!rest.empty() && rest[0] != ' ' && rest[0] != ',')) {
        return std::nullopt;
    }
    return Level{*reached, *of};
}

}  // namespace ccci::dashboard
