#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "dashboard/views.hpp"
#include "inspect/found_run.hpp"
#include "inspect/list_watch.hpp"
#include "run/config.hpp"

namespace ccci::dashboard {

/// So many runs that are over are on a page.
constexpr std::size_t k_runs_on_a_page = 50;
/// So many lines of its log a run's page begins with.
constexpr std::size_t k_lines = 300;

// The runs that go on, and of the others that page of those that the filter lets through. Throw
// std::system_error.

/// Whatever the filter, with all that go on.
RunsView gather_runs(const run::Config& config, const Filter& filter);
/// Those of filter.recipe alone.
RunsView gather_recipe(const run::Config& config, const Filter& filter);

/// What list_runs() is asked for the runs that go on alone.
inspect::Wanted wanted_live();
RunsView view_of_live(inspect::RunList list);

/// nullopt: there is no such run. `id` is one.
std::optional<inspect::FoundRun> find(const run::Config& config, const std::string& id);

/// Without its log.
RunView gather_run(const run::Config& config, const inspect::FoundRun& run);

/// The record that a recipe's badge shows; nullopt: none.
std::optional<run::Record> gather_badge(const run::Config& config, const std::string& recipe);

}  // namespace ccci::dashboard
