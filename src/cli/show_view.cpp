#include "cli/show_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "cli/facts.hpp"
#include "cli/table.hpp"
#include "cli/verdict_colour.hpp"
#include "inspect/advice.hpp"
#include "inspect/report_words.hpp"
#include "inspect/run_list.hpp"

namespace ccci::cli {

namespace {

using base::printable;
using std::chrono::microseconds;
using Lines = std::vector<std::string>;

constexpr std::size_t k_longest_line = 1000;

std::string state_text(const inspect::RunReport& report) {
    const run::Record& record = report.record;
    if (record.state != run::State::ended || !record.verdict) {
        return report.state;
    }
    return fmt::format("{}, exit code {}{}{}", report.state, record.verdict->exit_code,
                       record.verdict->reason.empty() ? "" : ": ",
                       printable(record.verdict->reason, k_longest_line));
}

std::string queue_text(const inspect::RunReport& report) {
    if (!report.queue || !report.record.created) {
        return "";
    }
    const std::size_t before = report.queue->before;
    return fmt::format("{}, for {}; {}", printable(report.record.phase),
                       inspect::span_text(*report.record.created, report.now),
                       before == 0   ? "nobody before it"
                       : before == 1 ? "1 run before it"
                                     : fmt::format("{} runs before it", before));
}

std::string unit_text(const inspect::RunReport& report) {
    const run::Record& record = report.record;
    if (record.unit.empty()) {
        return record.manager == "none" ? "none (--manager none)" : "";
    }
    return fmt::format("{} of the {} manager{}{}", printable(record.unit),
                       printable(record.manager), report.unit_state.empty() ? "" : ", ",
                       report.unit_state);
}

std::string time_text(const inspect::RunReport& report) {
    const run::Record& record = report.record;
    if (!record.created) {
        return "";
    }
    std::string text = base::format_time(*record.created);
    if (record.ended) {
        text += fmt::format(", over after {}", inspect::span_text(*record.created, *record.ended));
    } else if (report.carried) {
        text += fmt::format(", {} ago", inspect::span_text(*record.created, report.now));
    }
    return text;
}

std::string teardown_text(const run::Record& record) {
    std::string text = printable(record.teardown_note, k_longest_line);
    if (record.clean) {
        text = fmt::format("{}{}{}", *record.clean ? "clean" : "INCOMPLETE",
                           text.empty() ? "" : ": ", text);
    }
    return text;
}

Lines facts_of(const inspect::RunReport& report, const Look& look) {
    const run::Record& record = report.record;
    const inspect::Advice advice = inspect::advice_on(record, report.state);
    Facts facts{look};
    facts.add(
        "run",
        fmt::format("{}{}{}", record.run, record.job.empty() ? "" : ", ", printable(record.job)),
        base::Colour::bold);
    facts.add("state", state_text(report), colour_of(report.state));
    facts.add("meaning", advice.meaning);
    facts.add("next", advice.next);
    facts.add("queue", queue_text(report));
    facts.add("domain", printable(record.domain));
    facts.add("user", printable(report.user));
    facts.add("unit", unit_text(report));
    facts.add("began", time_text(report));
    facts.add("deadline", inspect::deadline_text(report));
    facts.add("note", printable(record.note, k_longest_line));
    facts.add("teardown", teardown_text(record),
              record.clean == false ? base::Colour::red : base::Colour::plain);
    facts.add("used", inspect::resources_text(report));
    facts.add("pressure", inspect::pressure_text(report));
    for (const std::string& process : record.leaked) {
        facts.add("leaked", printable(process), base::Colour::red);
    }
    if (record.leaked_more > 0) {
        facts.add("leaked", fmt::format("{} more", record.leaked_more), base::Colour::red);
    }
    facts.add("journal", inspect::journal_text(report), base::Colour::red);
    return std::move(facts).lines();
}

Lines phases_in(const inspect::RunReport& report, const Look& look) {
    Table table{
        {{.name = "PHASE", .least = 10}, {.name = "BEGAN"}, {.name = "TOOK"}, {.name = ""}}};
    for (const inspect::ShownPhase& phase : inspect::phases_of(report.record)) {
        const bool is_open = !phase.ended;
        const bool goes_on = is_open && report.carried;
        table.add({{printable(phase.name)},
                   {base::format_clock(phase.began)},
                   {is_open && !goes_on
                        ? "-"
                        : inspect::span_text(phase.began, phase.ended.value_or(report.now))},
                   {goes_on   ? "going on"
                    : is_open ? "nobody saw its end"
                              : "",
                    goes_on ? base::Colour::cyan : base::Colour::red}});
    }
    return table.is_empty() ? Lines{} : table.lines(look);
}

Lines tiers_in(const inspect::RecipeReport& recipe, const Look& look) {
    Table table{
        {{.name = "TIER"}, {.name = "RESULT"}, {.name = "TOOK"}, {.name = "", .least = 20}}};
    for (const inspect::TierReport& tier : recipe.tiers) {
        const base::Colour colour = tier.result == "pass"   ? base::Colour::green
                                    : tier.result == "fail" ? base::Colour::red
                                                            : base::Colour::plain;
        const microseconds took{std::llround(std::clamp(tier.seconds, 0.0, 1e9) * 1e6)};
        table.add({{printable(tier.name)},
                   {printable(tier.result), colour},
                   {tier.result == "not-run" ? "-" : base::format_duration(took)},
                   {printable(tier.message, k_longest_line)}});
    }
    Lines lines = table.lines(look);
    for (const inspect::TierReport& tier : recipe.tiers) {
        for (const inspect::FailedTest& test : tier.failed) {
            Facts facts{look};
            facts.add("failed",
                      fmt::format("{}{}{}", printable(test.name, k_longest_line),
                                  test.message.empty() ? "" : ": ",
                                  printable(test.message, k_longest_line)),
                      base::Colour::red);
            Lines more = std::move(facts).lines();
            std::move(more.begin(), more.end(), std::back_inserter(lines));
        }
    }
    if (recipe.level) {
        lines.push_back(fmt::format("level {} of {}", *recipe.level, recipe.of));
    }
    return lines;
}

void append(Lines& lines, Lines section) {
    if (!section.empty()) {
        lines.emplace_back();
        std::move(section.begin(), section.end(), std::back_inserter(lines));
    }
}

}  // namespace

std::vector<std::string> show_lines(const inspect::RunReport& report, const Look& look) {
    Lines lines = facts_of(report, look);
    append(lines, phases_in(report, look));
    if (report.recipe) {
        append(lines, tiers_in(*report.recipe, look));
    }
    Lines output;
    if (!report.output.empty()) {
        output.push_back(look.painted("LAST LINES", base::Colour::bold));
    }
    for (const std::string& line : report.output) {
        output.push_back(printable(line, k_longest_line));
    }
    append(lines, std::move(output));
    return lines;
}

}  // namespace ccci::cli
