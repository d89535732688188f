#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/look.hpp"
#include "inspect/run_list.hpp"
#include "run/record.hpp"

namespace ccci::cli {

/// How `cc-ci ps` shows runs at that moment: a table, or "no runs".
std::vector<std::string> ps_lines(const std::vector<inspect::ListedRun>& runs, run::Time now,
                                  const Look& look);

/// docs/schemas/ps.schema.json
nlohmann::json ps_json(const std::vector<inspect::ListedRun>& runs);

}  // namespace ccci::cli
