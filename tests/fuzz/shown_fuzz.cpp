#include <nlohmann/json.hpp>

#include "cli/show_view.hpp"
#include "cli/text_width.hpp"
#include "fuzz/fuzz.hpp"
#include "inspect/glance.hpp"
#include "run/run_dir.hpp"

// What ps and show make of the files in a run directory, which a job may have written: a record, or
// results. Whatever they hold, what is shown is text, fits the terminal, and is JSON; and the
// glance at a record agrees with the record.

namespace ccci::fuzz {

namespace {

void check_shown(const inspect::RunReport& report) {
    for (const std::string& line : cli::show_lines(report, {.width = 80})) {
        require(is_printable(line), "printable", line);
    }
    (void)cli::show_json(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

void check_record(const std::string& text) {
    (void)inspect::glance_at(text);
    const auto record = run::RunDir::parse(text);
    if (!record) {
        return;
    }
    inspect::RunReport report;
    report.record = *record;
    report.state = "running";
    report.carried = true;
    check_shown(report);

    const std::string written =
        nlohmann::json(*record).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
    if (const auto glance = inspect::glance_at(written)) {
        require(glance->ended == (record->state == run::State::ended), "the same state", written);
    } else {
        require(!record->created, "seen at a glance", written);
    }
}

}  // namespace

void check(std::string_view input) {
    const bool is_record = (take_byte(input) & 1) != 0;
    const std::string text{input};
    if (is_record) {
        check_record(text);
        return;
    }
    inspect::RunReport report;
    report.state = "failed";
    report.recipe = inspect::parse_results(text);
    check_shown(report);
    (void)cli::shorten(text, 10, "~");
}

}  // namespace ccci::fuzz
