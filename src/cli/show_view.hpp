#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/look.hpp"
#include "inspect/run_report.hpp"

namespace ccci::cli {

/// How `cc-ci show` shows a run.
std::vector<std::string> show_lines(const inspect::RunReport& report, const Look& look);

/// docs/schemas/show.schema.json
nlohmann::json show_json(const inspect::RunReport& report);

}  // namespace ccci::cli
