#pragma once

#include <optional>
#include <string>

#include "run/record.hpp"

namespace ccci::dashboard {

/// Whether this run tells how a recipe is: a full one, which was not stopped from outside.
bool counts_for_badge(const run::Record& record);

/// An SVG of the recipe's last run of that kind; nullopt: there is none.
std::string badge(const std::optional<run::Record>& record);

}  // namespace ccci::dashboard
