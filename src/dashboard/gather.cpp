#include "dashboard/gather.hpp"

#include <algorithm>
#include <utility>

#include "base/user.hpp"
#include "dashboard/badge.hpp"
#include "dashboard/public_file.hpp"
#include "dashboard/recipe_label.hpp"
#include "inspect/run_log.hpp"

namespace ccci::dashboard {

namespace {

using inspect::Whose;

/// What a job may write is read no further than this.
constexpr std::size_t k_largest_results = std::size_t{1} << 20;

void add_user(RunsView& view, const inspect::ListedRun& run) {
    if (!view.users.contains(run.owner)) {
        view.users[run.owner] = base::user_name(run.owner);
    }
}

/// Those that are at work, the newest first; then those that wait, in their order.
bool comes_first(const inspect::ListedRun& one, const inspect::ListedRun& other) {
    const auto waits = [](const inspect::ListedRun& run) {
        return run.record.state == run::State::waiting;
    };
    if (waits(one) != waits(other)) {
        return waits(other);
    }
    return waits(one) ? run::came_before(one.record, other.record)
                      : run::came_before(other.record, one.record);
}

void sort_in(RunsView& view, inspect::RunList list) {
    for (inspect::ListedRun& run : list.runs) {
        add_user(view, run);
        (run.carried ? view.live : view.past).push_back(std::move(run));
    }
    std::sort(view.live.begin(), view.live.end(), comes_first);
}

RunsView gather(const run::Config& config, const Filter& filter, const Filter& of_live) {
    const std::size_t before = (filter.page - 1) * k_runs_on_a_page;
    const auto list = [&](const Filter& by, std::size_t most_over) {
        return inspect::list_runs(config.runs_dir, {.most_over = most_over,
                                                    .state = by.state,
                                                    .whose = Whose::anybodys,
                                                    .matching = [&by](const run::Record& record) {
                                                        return matches(by, record);
                                                    }});
    };
    RunsView view{
        .now = std::chrono::system_clock::now(), .filter = filter, .site = config.dashboard_url};
    // One more, to know whether there is one.
    sort_in(view, list(filter, before + k_runs_on_a_page + 1));
    if (!filter.is_any()) {
        view.live.clear();
        sort_in(view, list(of_live, 0));
    }
    view.past.erase(view.past.begin(), view.past.begin() + static_cast<std::ptrdiff_t>(
                                                               std::min(before, view.past.size())));
    view.has_older = view.past.size() > k_runs_on_a_page;
    if (view.has_older) {
        view.past.pop_back();
    }
    return view;
}

}  // namespace

RunsView gather_runs(const run::Config& config, const Filter& filter) {
    return gather(config, filter, {});
}

RunsView gather_recipe(const run::Config& config, const Filter& filter) {
    return gather(config, filter, {.recipe = filter.recipe});
}

inspect::Wanted wanted_live() {
    return {.most_over = 0, .whose = Whose::anybodys};
}

RunsView view_of_live(inspect::RunList list) {
    RunsView view{.now = std::chrono::system_clock::now()};
    sort_in(view, std::move(list));
    return view;
}

std::optional<inspect::FoundRun> find(const run::Config& config, const std::string& id) {
    return inspect::look_at(run::RunDir::open(config.runs_dir / id), Whose::anybodys);
}

RunView gather_run(const run::Config& config, const inspect::FoundRun& run) {
    RunView view{.report =
                     inspect::report_on(config, run, {.losses = false, .whose = Whose::anybodys})};
    const auto results = read_public_file(run.dir, "results.json", k_largest_results);
    if (results) {
        view.report.recipe = inspect::parse_results(*results);
    }
    view.files = {.results = results.has_value(),
                  .junit = has_public_file(run.dir, "junit.xml"),
                  .picture = has_public_file(run.dir, "screenshot.png")};
    return view;
}

std::optional<run::Record> gather_badge(const run::Config& config, const std::string& recipe) {
    const auto wanted = [&](const run::Record& record) {
        const auto label = recipe_of(record);
        return label && label->recipe == recipe && counts_for_badge(record);
    };
    const inspect::RunList list = inspect::list_runs(
        config.runs_dir, {.most_over = 1, .whose = Whose::anybodys, .matching = wanted});
    for (const inspect::ListedRun& run : list.runs) {
        if (!run.carried) {
            return run.record;
        }
    }
    return std::nullopt;
}

}  // namespace ccci::dashboard
