#pragma once

#include "dashboard/html.hpp"
#include "inspect/run_report.hpp"

namespace ccci::dashboard {

/// What a recipe run found out, tier by tier; of very many tests the first.
Html tiers(const inspect::RecipeReport& report);

}  // namespace ccci::dashboard
