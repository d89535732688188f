#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "dashboard/html.hpp"
#include "run/record.hpp"

namespace ccci::dashboard {

/// Which of the runs that are over somebody wants to see.
struct Filter {
    std::string recipe = {};  ///< empty: any
    std::string state = {};   ///< a verdict or "lost"; empty: any
    std::string text = {};    ///< in the id, the domain, the label or the reason; empty: any
    std::size_t page = 1;

    [[nodiscard]] bool is_any() const { return recipe.empty() && state.empty() && text.empty(); }
};

/// From the values of a query, by name; what cannot be meant is as if it were not there.
Filter filter_from(const std::function<std::optional<std::string>(const std::string&)>& value_of);

/// As to recipe and text.
bool matches(const Filter& filter, const run::Record& record);

/// The place of that page of what the filter lets through.
Path path_of(const Path& base, const Filter& filter, std::size_t page);

}  // namespace ccci::dashboard
