#pragma once

#include "dashboard/html.hpp"
#include "dashboard/views.hpp"

namespace ccci::dashboard {

/// "/": what goes on, and what went on before.
Html runs_page(const RunsView& view);

/// "/recipes/<name>": the same of one recipe, with its badge; view.filter names it.
Html recipe_page(const RunsView& view);

// The parts of the first that change while somebody looks. Where the page has them is said by their
// ids: "status" and "live".

/// "2 running, 1 waiting"
std::string status_line(const RunsView& view);
Html live_runs(const RunsView& view);

}  // namespace ccci::dashboard
