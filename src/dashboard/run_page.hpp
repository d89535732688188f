#pragma once

#include "dashboard/html.hpp"
#include "dashboard/views.hpp"

namespace ccci::dashboard {

/// "/runs/<id>": everything that is known of one run.
Html run_page(const RunView& view);

// The parts that change while somebody looks. Where the page has them is said by their ids:
// "status", "state" and "log".

/// "run 267: running, install"
std::string run_status_line(const RunView& view);
Html run_state(const RunView& view);
/// Lines of its log, cleaned; the job's own headings are marked.
Html log_lines(const std::vector<std::string>& lines);

}  // namespace ccci::dashboard
