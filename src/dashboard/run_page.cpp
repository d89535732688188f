#include "dashboard/run_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "dashboard/clean_text.hpp"
#include "dashboard/parts.hpp"
#include "dashboard/recipe_label.hpp"
#include "dashboard/tiers.hpp"
#include "inspect/advice.hpp"
#include "inspect/report_words.hpp"

namespace ccci::dashboard {

namespace {

using std::chrono::microseconds;

constexpr std::size_t k_longest_text = 1000;
constexpr std::size_t k_longest_line = 2000;
constexpr std::size_t k_most_leaked = 50;

/// Of width 100, as are the bars of the phases.
Html bar(double begin, double end, bool goes_on) {
    const double from = std::clamp(begin, 0.0, 99.5);
    const double width = std::clamp(end - from, 0.5, 100.0 - from);
    return el("svg",
              {{"class", "bar"},
               {"viewBox", "0 0 100 4"},
               {"preserveAspectRatio", "none"},
               {"aria-hidden", "true"}},
              el("rect", {{"class", goes_on ? "now" : "done"},
                          {"x", fmt::format("{:.1f}", from)},
                          {"width", fmt::format("{:.1f}", width)},
                          {"height", "4"}}));
}

Html phases_of(const inspect::RunReport& report) {
    const auto phases = inspect::phases_of(report.record);
    if (phases.empty()) {
        return {};
    }
    const auto seconds = [&](run::Time time) {
        return std::chrono::duration<double>(time - phases.front().began).count();
    };
    const double whole = std::max(0.001, seconds(report.record.ended.value_or(report.now)));
    std::vector<Html> rows;
    for (const inspect::ShownPhase& phase : phases) {
        const bool goes_on = !phase.ended && report.carried;
        const double begin = 100 * seconds(phase.began) / whole;
        const double end = 100 * seconds(phase.ended.value_or(report.now)) / whole;
        rows.push_back(el(
            "tr", {}, el("th", {{"scope", "row"}}, clean_line(phase.name, 40)),
            el("td", {{"class", "bars"}},
               phase.ended || goes_on ? bar(begin, end, goes_on) : Html::of("nobody saw its end")),
            el("td", {{"class", "number"}}, span(phase.began, phase.ended, report.now, goes_on))));
    }
    return el("section", {{"aria-labelledby", "phases"}}, el("h2", {{"id", "phases"}}, "Phases"),
              el("table", {{"class", "phases"}},
                 el("thead", {{"class", "unseen"}},
                    el("tr", {}, el("th", {{"scope", "col"}}, "Phase"),
                       el("th", {{"scope", "col"}}, "When"), el("th", {{"scope", "col"}}, "Took"))),
                 el("tbody", {}, rows)));
}

/// As cc-ci show has it.
Html summary(const RunView& view) {
    const inspect::RunReport& report = view.report;
    const run::Record& record = report.record;
    const inspect::Advice advice = inspect::advice_on(record, report.state);
    Html text;
    if (record.verdict && !record.verdict->reason.empty()) {
        text.append(
            el("p", {{"class", "reason"}}, clean_line(record.verdict->reason, k_longest_text)));
    }
    text.append(el("p", {}, advice.meaning));
    if (!advice.next.empty()) {
        text.append(el("p", {{"class", "next"}}, el("strong", {}, "Next: "), advice.next));
    }
    return el("div", {{"class", "summary " + tone_of(report.state)}}, text);
}

class Facts {
public:
    void add(const char* name, const Html& value) {
        if (!value.is_empty()) {
            items_.push_back(Html::of(el("dt", {}, name), el("dd", {}, value)));
        }
    }
    void add(const char* name, const std::string& value) {
        if (!value.empty()) {
            add(name, Html::of(clean_line(value, k_longest_text)));
        }
    }
    [[nodiscard]] Html list() const { return el("dl", {}, items_); }

private:
    std::vector<Html> items_;
};

std::string began_text(const inspect::RunReport& report) {
    const run::Record& record = report.record;
    return record.created ? base::format_time(*record.created) : "";
}

std::string teardown_text(const run::Record& record) {
    const std::string word = !record.clean ? "" : *record.clean ? "clean" : "INCOMPLETE";
    return word.empty()                   ? record.teardown_note
           : record.teardown_note.empty() ? word
                                          : word + ": " + record.teardown_note;
}

std::string queue_text(const inspect::RunReport& report) {
    if (!report.queue) {
        return "";
    }
    const std::size_t before = report.queue->before;
    return fmt::format("{}; {}", report.record.phase,
                       before == 0   ? "nobody before it"
                       : before == 1 ? "1 run before it"
                                     : fmt::format("{} runs before it", before));
}

Html facts_of(const inspect::RunReport& report) {
    const run::Record& record = report.record;
    Facts facts;
    facts.add("queue", queue_text(report));
    facts.add("domain", record.domain);
    facts.add("note", record.note);
    facts.add("teardown", teardown_text(record));
    facts.add("began", began_text(report));
    facts.add("took", span(record.created, record.ended, report.now, report.carried));
    facts.add("deadline", inspect::deadline_text(report));
    facts.add("exit code", record.verdict ? std::to_string(record.verdict->exit_code) : "");
    facts.add("used", inspect::resources_text(report));
    facts.add("pressure", inspect::pressure_text(report));
    facts.add("unit", record.unit);
    facts.add("user", report.user);
    const std::size_t named = std::min(record.leaked.size(), k_most_leaked);
    for (std::size_t i = 0; i < named; ++i) {
        facts.add("leaked", record.leaked[i]);
    }
    if (const auto more = record.leaked.size() - named + record.leaked_more; more > 0) {
        facts.add("leaked", fmt::format("{} more", more));
    }
    return el("section", {{"aria-labelledby", "facts"}, {"class", "facts"}},
              el("h2", {{"id", "facts"}}, "Facts"), facts.list());
}

Html files_of(const RunView& view) {
    const Path base = run_path(view.report.record.run);
    std::vector<Html> links{el("li", {}, link(base / "run.json", {}, "run.json"), " the record")};
    if (view.files.results) {
        links.push_back(
            el("li", {}, link(base / "results.json", {}, "results.json"), " what was tested"));
    }
    if (view.files.junit) {
        links.push_back(
            el("li", {}, link(base / "junit.xml", {}, "junit.xml"), " the same for other tools"));
    }
    Html shown;
    if (view.files.picture) {
        const Path file = base / "screenshot.png";
        shown = el("figure", {},
                   link(file, {},
                        picture(file, {{"alt", "The page of the app, as a browser showed it"},
                                       {"loading", "lazy"},
                                       {"width", "1280"},
                                       {"height", "800"}})),
                   el("figcaption", {}, "The app, when the run had it up"));
    }
    return el("section", {{"aria-labelledby", "files"}}, el("h2", {{"id", "files"}}, "Files"),
              el("ul", {{"class", "files"}}, links), shown);
}

Html log_of(const RunView& view) {
    const run::Record& record = view.report.record;
    Html body;
    if (!view.log_hidden.empty()) {
        body = el("p", {{"class", "notice"}}, "There is no log here: ", view.log_hidden, ". ",
                  el("code", {}, "cc-ci logs ", record.run), " on the host has it.");
    }
    return el("section", {{"aria-labelledby", "log-title"}, {"class", "log"}},
              el("div", {{"class", "title"}}, el("h2", {{"id", "log-title"}}, "Log"),
                 el("p", {{"class", "hint"}}, "the last lines; ",
                    el("code", {}, "cc-ci logs ", record.run), " has all"),
                 el("label", {{"class", "follow"}, {"hidden", "hidden"}},
                    leaf("input", {{"type", "checkbox"}, {"id", "follow"}, {"checked", "checked"}}),
                    "follow")),
              body,
              el("div",
                 {{"id", "log"},
                  {"class", "lines"},
                  {"role", "log"},
                  {"aria-live", "off"},
                  {"aria-labelledby", "log-title"},
                  {"tabindex", "0"}},
                 log_lines(view.log)));
}

}  // namespace

std::string run_status_line(const RunView& view) {
    const run::Record& record = view.report.record;
    const bool has_phase = view.report.carried && !record.phase.empty();
    return fmt::format("run {}: {}{}{}", record.run, view.report.state, has_phase ? ", " : "",
                       has_phase ? clean_line(record.phase, 60) : "");
}

Html run_state(const RunView& view) {
    const inspect::RunReport& report = view.report;
    return Html::of(
        el("div", {{"class", "title"}},
           el("h1", {}, el("span", {{"class", "kind"}}, "Run "), report.record.run), " ",
           chip(report.state), " ", level(report.record)),
        el("p", {{"class", "of"}}, what_for(report.record)), summary(view),
        el("div", {{"class", "columns"}},
           el("div", {}, phases_of(report), report.recipe ? tiers(*report.recipe) : Html{}),
           el("div", {}, facts_of(report), files_of(view))));
}

Html log_lines(const std::vector<std::string>& lines) {
    std::vector<Html> shown;
    shown.reserve(lines.size());
    for (const std::string& line : lines) {
        const bool heads = line.starts_with("== ");
        shown.push_back(heads ? el("div", {{"class", "heading"}}, clean_line(line, k_longest_line))
                              : el("div", {}, clean_line(line, k_longest_line)));
    }
    return Html::of(shown);
}

Html run_page(const RunView& view) {
    const run::Record& record = view.report.record;
    const Path events = run_path(record.run) / "events";
    Attributes live{{"class", "run-page"}};
    if (view.report.carried) {
        live.push_back({"data-events", events.text()});
        live.push_back({"data-now", base::format_time(view.report.now)});
    }
    return page("Run " + record.run,
                el("div", live,
                   el("p", {{"class", "unseen"}, {"role", "status"}, {"id", "status"}},
                      run_status_line(view)),
                   el("div", {{"id", "state"}}, run_state(view)), log_of(view)));
}

}  // namespace ccci::dashboard
