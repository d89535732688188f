#include <algorithm>

#include "dashboard/badge.hpp"
#include "dashboard/clean_text.hpp"
#include "dashboard/filter.hpp"
#include "dashboard/recipe_label.hpp"
#include "dashboard/run_page.hpp"
#include "dashboard/runs_page.hpp"
#include "fuzz/fuzz.hpp"

// A page with that text wherever a run may have one: it has the same elements as a page with an
// empty one, and nothing in it that is not to be read.

namespace ccci::fuzz {

namespace {

run::Record record_with(const std::string& text) {
    run::Record record;
    record.run = "1";
    record.domain = record.unit = record.note = record.teardown_note = record.job = text;
    record.phase = "for " + text;
    record.state = run::State::ended;
    record.created = record.started = run::Time{};
    record.phases = {{text, {}, {}}};
    record.leaked = {text};
    record.verdict = run::Verdict{run::VerdictKind::failed, 1, text};
    return record;
}

void check_page(const std::string& page) {
    const auto is_wrong = [](unsigned char c) { return (c < 0x20 && c != '\n' && c != '\t'); };
    require(std::none_of(page.begin(), page.end(), is_wrong), "no control characters", page);
    require(page.find("<script") == page.rfind("<script"), "one script, which is ours", page);
    for (const char* element : {"<img src=x", "<b>", "<iframe", "<!--", "<style"}) {
        require(page.find(element) == std::string::npos, "no element of a stranger", page);
    }
}

}  // namespace

void check(std::string_view input) {
    const std::string text{input};
    const std::string clean = dashboard::clean_line(text);
    require(dashboard::clean_line(clean) == clean, "what is clean stays as it is", text);
    require(dashboard::clean_line(text, 20).size() <= 23, "cut", text);

    const run::Record record = record_with(text);
    dashboard::RunsView runs;
    runs.filter = dashboard::filter_from([&](const std::string&) { return std::optional{text}; });
    runs.past.push_back({run::RunDir::open("/runs/1"), record, 0, false});
    runs.live.push_back({run::RunDir::open("/runs/1"), record, 0, true});
    check_page(dashboard::runs_page(runs).markup());

    dashboard::RunView run;
    run.report.record = record;
    run.report.state = "failed";
    run.report.recipe = inspect::parse_results(text);
    run.log = {text, "== " + text};
    check_page(dashboard::run_page(run).markup());
    (void)dashboard::badge(record);
}

}  // namespace ccci::fuzz
