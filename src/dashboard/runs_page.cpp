#include "dashboard/runs_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "dashboard/clean_text.hpp"
#include "dashboard/parts.hpp"
#include "dashboard/recipe_label.hpp"
#include "run/names.hpp"

namespace ccci::dashboard {

namespace {

using inspect::ListedRun;

constexpr std::size_t k_longest_reason = 160;

constexpr std::array<run::VerdictKind, 10> k_verdicts{
    run::VerdictKind::passed,        run::VerdictKind::failed,   run::VerdictKind::cancelled,
    run::VerdictKind::superseded,    run::VerdictKind::deadline, run::VerdictKind::killed,
    run::VerdictKind::out_of_memory, run::VerdictKind::fenced,   run::VerdictKind::refused,
    run::VerdictKind::leftovers};

std::string state_of(const ListedRun& run) {
    return inspect::shown_state(run.record, run.carried);
}

Html number_of(const run::Record& record) {
    return link(run_path(record.run), {{"class", "run"}}, record.run);
}

Html whose(const RunsView& view, const ListedRun& run) {
    const auto name = view.users.find(run.owner);
    return run.owner == 0 || name == view.users.end()
               ? Html{}
               : el("span", {{"class", "user"}}, " by ", clean_line(name->second, 40));
}

/// Where a run stands in the queue of its domain.
std::size_t before_it(const RunsView& view, const run::Record& record) {
    return static_cast<std::size_t>(
        std::count_if(view.live.begin(), view.live.end(), [&](const ListedRun& other) {
            return other.record.state == run::State::waiting &&
                   other.record.domain == record.domain && other.record.run != record.run &&
                   run::came_before(other.record, record);
        }));
}

/// "for 290", as a record has it, with a link.
Html waits_for(const RunsView& view, const run::Record& record) {
    constexpr std::string_view k_for = "for ";
    const std::string holder = record.phase.starts_with(k_for) ? record.phase.substr(k_for.size())
                                                               : std::string{"the lock"};
    const std::size_t before = before_it(view, record);
    return el("span", {}, "waits for ",
              run::is_run_id(holder) ? link(run_path(holder), {}, "run ", holder)
                                     : Html::of(clean_line(holder, 80)),
              before == 0 ? std::string{} : fmt::format(", {} before it", before));
}

Html progress(const RunsView& view, const run::Record& record) {
    if (!record.started || record.deadline.count() <= 0) {
        return {};
    }
    const auto seconds = [](auto span) {
        return std::chrono::duration_cast<std::chrono::seconds>(span).count();
    };
    const auto gone = std::max<std::int64_t>(0, seconds(view.now - *record.started));
    const auto whole = std::max<std::int64_t>(1, seconds(record.deadline));
    return el("progress",
              {{"max", std::to_string(whole)},
               {"value", std::to_string(std::min<std::int64_t>(gone, whole))},
               {"data-from", base::format_time(*record.started)},
               {"aria-label", fmt::format("time of run {} that is used up", record.run)}});
}

Html live_run(const RunsView& view, const ListedRun& run) {
    const run::Record& record = run.record;
    const bool waits = record.state == run::State::waiting;
    const Html doing =
        waits ? waits_for(view, record)
              : Html::of(el("strong", {},
                            record.phase.empty() ? state_of(run) : clean_line(record.phase, 60)));
    return el("li", {{"class", "live-run " + tone_of(state_of(run))}},
              el("div", {{"class", "head"}}, number_of(record), " ", chip(state_of(run)), " ",
                 el("span", {{"class", "elapsed"}}, span(record.created, {}, view.now, true))),
              el("div", {{"class", "what"}}, what_for(record), whose(view, run)),
              el("div", {{"class", "domain"}}, clean_line(record.domain, 200)),
              el("div", {{"class", "doing"}}, doing,
                 waits ? Html{}
                       : el("span", {{"class", "limit"}}, " of at most ",
                            base::format_duration(record.deadline))),
              waits ? Html{} : progress(view, record));
}

Html past_run(const RunsView& view, const ListedRun& run) {
    const run::Record& record = run.record;
    const std::string state = state_of(run);
    const bool says_why = record.verdict && state != "passed";
    return el(
        "tr", {}, el("th", {{"scope", "row"}}, number_of(record)),
        el("td", {{"class", "what"}}, what_for(record), whose(view, run),
           el("div", {{"class", "domain"}}, clean_line(record.domain, 200)),
           says_why ? el("div", {{"class", "reason"}},
                         clean_line(record.verdict->reason, k_longest_reason))
                    : Html{}),
        el("td", {{"class", "result"}}, chip(state), " ", level(record),
           el("div", {{"class", "narrow-began"}}, moment(record.created))),
        el("td", {{"class", "number took"}}, span(record.created, record.ended, view.now, false)),
        el("td", {{"class", "number began"}}, moment(record.created)));
}

Html table_of(const RunsView& view) {
    if (view.past.empty()) {
        return el("p", {{"class", "nothing"}},
                  view.filter.page > 1   ? "No more runs."
                  : view.filter.is_any() ? "No run is over yet."
                                         : "No run is like that.");
    }
    std::vector<Html> rows;
    for (const ListedRun& run : view.past) {
        rows.push_back(past_run(view, run));
    }
    const auto column = [](const char* name, const char* class_name) {
        return el("th", {{"scope", "col"}, {"class", class_name}}, name);
    };
    return el("table", {{"class", "runs"}},
              el("caption", {{"class", "unseen"}}, "Runs that are over, the newest first"),
              el("thead", {},
                 el("tr", {}, column("Run", ""), column("What", "what"), column("Result", "result"),
                    column("Took", "number took"), column("Began", "number began"))),
              el("tbody", {}, rows));
}

Html pages_of(const RunsView& view, const Path& base, const Filter& shown) {
    const std::size_t page = view.filter.page;
    if (page == 1 && !view.has_older) {
        return {};
    }
    return el("nav", {{"class", "pages"}, {"aria-label", "More runs"}},
              page > 1 ? link(path_of(base, shown, page - 1), {{"rel", "prev"}}, "← Newer")
                       : el("span", {}),
              el("span", {{"class", "here"}}, fmt::format("page {}", page)),
              view.has_older ? link(path_of(base, shown, page + 1), {{"rel", "next"}}, "Older →")
                             : el("span", {}));
}

Html option(const std::string& value, const std::string& text, bool selected) {
    Attributes attributes{{"value", value}};
    if (selected) {
        attributes.push_back({"selected", "selected"});
    }
    return el("option", attributes, text);
}

Html form(const Filter& filter) {
    std::vector<Html> options{option("", "any result", filter.state.empty())};
    for (const run::VerdictKind kind : k_verdicts) {
        const std::string name = run::to_string(kind);
        options.push_back(option(name, name, filter.state == name));
    }
    options.push_back(option("lost", "lost", filter.state == "lost"));
    const auto field = [](const char* label, const Html& input) {
        return el("label", {}, el("span", {}, label), input);
    };
    return form_to(runs_path(), {{"class", "filter"}, {"role", "search"}, {"aria-label", "Runs"}},
                   field("Recipe", leaf("input", {{"name", "recipe"},
                                                  {"value", filter.recipe},
                                                  {"autocapitalize", "none"},
                                                  {"spellcheck", "false"},
                                                  {"placeholder", "any"}})),
                   field("Result", el("select", {{"name", "verdict"}}, options)),
                   field("Text", leaf("input", {{"name", "text"},
                                                {"type", "search"},
                                                {"value", filter.text},
                                                {"placeholder", "id, domain, reason"}})),
                   el("button", {{"type", "submit"}}, "Show"),
                   filter.is_any() ? Html{} : link(runs_path(), {{"class", "clear"}}, "Clear"));
}

}  // namespace

std::string status_line(const RunsView& view) {
    const auto waiting = static_cast<std::size_t>(std::count_if(
        view.live.begin(), view.live.end(),
        [](const ListedRun& run) { return run.record.state == run::State::waiting; }));
    const std::size_t running = view.live.size() - waiting;
    return running == 0 && waiting == 0 ? "nothing is running"
           : waiting == 0               ? fmt::format("{} running", running)
                                        : fmt::format("{} running, {} waiting", running, waiting);
}

Html live_runs(const RunsView& view) {
    if (view.live.empty()) {
        return el("p", {{"class", "nothing"}}, "Nothing is running.");
    }
    std::vector<Html> runs;
    for (const ListedRun& run : view.live) {
        runs.push_back(live_run(view, run));
    }
    return el("ul", {{"class", "live-runs"}}, runs);
}

Html runs_page(const RunsView& view) {
    const Path events = Path{} / "events";
    return page(
        "Runs",
        Html::of(
            el("div", {{"class", "title"}}, el("h1", {}, "Runs"),
               el("p", {{"class", "status"}, {"role", "status"}, {"id", "status"}},
                  status_line(view))),
            el("section",
               {{"aria-labelledby", "now"},
                {"data-events", events.text()},
                {"data-now", base::format_time(view.now)}},
               el("h2", {{"id", "now"}}, "Now"), el("div", {{"id", "live"}}, live_runs(view)),
               el("p", {{"class", "stale"}, {"id", "stale"}, {"hidden", "hidden"}},
                  "Runs have ended meanwhile. ", link(runs_path(), {}, "Show them"))),
            el("section", {{"aria-labelledby", "before"}}, el("h2", {{"id", "before"}}, "Before"),
               form(view.filter), table_of(view), pages_of(view, runs_path(), view.filter))));
}

Html recipe_page(const RunsView& view) {
    const std::string& recipe = view.filter.recipe;
    Filter shown = view.filter;
    shown.recipe.clear();
    const Path badge = badge_path(recipe);
    return page(
        recipe,
        Html::of(
            el("div", {{"class", "title"}},
               el("h1", {}, el("span", {{"class", "kind"}}, "Recipe "), recipe),
               picture(badge, {{"alt", "The result of its last full run"}, {"height", "20"}})),
            view.live.empty() ? Html{}
                              : el("section", {{"aria-labelledby", "now"}},
                                   el("h2", {{"id", "now"}}, "Now"), live_runs(view)),
            el("section", {{"aria-labelledby", "before"}}, el("h2", {{"id", "before"}}, "Before"),
               table_of(view), pages_of(view, recipe_path(recipe), shown)),
            el("p", {{"class", "hint"}}, "The badge for a README is ",
               link(badge, {}, view.site, badge.text()), ".")));
}

}  // namespace ccci::dashboard
