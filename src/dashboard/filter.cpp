#include "dashboard/filter.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/text.hpp"
#include "dashboard/recipe_label.hpp"
#include "run/names.hpp"

namespace ccci::dashboard {

namespace {

constexpr std::size_t k_longest_sought = 100;
/// So that a list of what is on the pages before never gets large.
constexpr std::size_t k_last_page = 1000;

std::size_t page_from(const std::string& text) {
    std::size_t page = 1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), page);
    const bool good = error == std::errc{} && end == text.data() + text.size() && page >= 1;
    return good ? std::min(page, k_last_page) : 1;
}

bool contains(const std::string& where, const std::string& what) {
    const auto same = [](unsigned char one, unsigned char other) {
        return std::tolower(one) == std::tolower(other);
    };
    return std::search(where.begin(), where.end(), what.begin(), what.end(), same) != where.end();
}

}  // namespace

Filter filter_from(const std::function<std::optional<std::string>(const std::string&)>& value_of) {
    Filter filter;
    const std::string recipe{base::trim(value_of("recipe").value_or(""))};
    if (run::is_recipe(recipe)) {
        filter.recipe = recipe;
    }
    const std::string state = value_of("verdict").value_or("");
    if (state == "lost" || run::verdict_kind_from(state)) {
        filter.state = state;
    }
    const std::string text = value_of("text").value_or("");
    filter.text = base::trim(std::string_view{text}.substr(0, k_longest_sought));
    filter.page = page_from(value_of("page").value_or("1"));
    return filter;
}

bool matches(const Filter& filter, const run::Record& record) {
    if (!filter.recipe.empty()) {
        const auto label = recipe_of(record);
        if (!label || label->recipe != filter.recipe) {
            return false;
        }
    }
    return filter.text.empty() || contains(record.run, filter.text) ||
           contains(record.domain, filter.text) || contains(record.job, filter.text) ||
           (record.verdict && contains(record.verdict->reason, filter.text));
}

Path path_of(const Path& base, const Filter& filter, std::size_t page) {
    Path path = base;
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty()) {
            path = path.with(key, value);
        }
    };
    add("recipe", filter.recipe);
    add("verdict", filter.state);
    add("text", filter.text);
    if (page > 1) {
        add("page", std::to_string(page));
    }
    return path;
}

}  // namespace ccci::dashboard
