#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/user.hpp"
#include "cli/carried.hpp"
#include "cli/commands.hpp"
#include "cli/find_run.hpp"
#include "cli/print.hpp"
#include "run/run_dir.hpp"

namespace ccci::cli {

namespace {

using std::chrono::microseconds;
using std::chrono::system_clock;

struct PsOptions {
    bool all = false;
    bool json = false;
};

constexpr std::size_t k_recent = 10;

struct Row {
    run::Record record;
    bool carried = false;
};

/// "lost": the record's last word is not "ended", and nobody is left to write another.
std::string state_of(const Row& row) {
    if (row.record.verdict && row.record.state == run::State::ended) {
        return run::to_string(row.record.verdict->kind);
    }
    return row.carried ? run::to_string(row.record.state) : "lost";
}

std::string span_text(const std::optional<run::Time>& from, const std::optional<run::Time>& to) {
    if (!from || !to || *to < *from) {
        return "-";
    }
    return base::format_duration(std::chrono::duration_cast<microseconds>(*to - *from));
}

std::array<std::string, 7> cells(const Row& row, run::Time now) {
    const run::Record& record = row.record;
    const bool over = !row.carried;
    std::string left = "-";
    if (!over && record.started) {
        const auto end =
            *record.started + std::chrono::duration_cast<run::Time::duration>(record.deadline);
        left = span_text(now, end);
    }
    return {record.run,
            record.domain.empty() ? "-" : base::printable(record.domain),
            state_of(row),
            record.phase.empty() ? "-" : base::printable(record.phase),
            span_text(record.created, over ? record.ended : std::optional{now}),
            left,
            base::printable(record.job)};
}

void print_table(const std::vector<Row>& rows) {
    const auto now = system_clock::now();
    std::vector<std::array<std::string, 7>> table{
        {"RUN", "DOMAIN", "STATE", "PHASE", "ELAPSED", "LEFT", "JOB"}};
    for (const Row& row : rows) {
        table.push_back(cells(row, now));
    }
    std::array<std::size_t, 7> widths{};
    for (const auto& line : table) {
        for (std::size_t column = 0; column < line.size(); ++column) {
            widths[column] = std::max(widths[column], line[column].size());
        }
    }
    for (const auto& line : table) {
        std::string text;
        for (std::size_t column = 0; column + 1 < line.size(); ++column) {
            text += fmt::format("{:<{}}  ", line[column], widths[column]);
        }
        print(stdout, "{}{}\n", text, line.back());
    }
}

void print_json(const std::vector<Row>& rows) {
    nlohmann::json list = nlohmann::json::array();
    for (const Row& row : rows) {
        nlohmann::json item = row.record;
        item["shown_state"] = state_of(row);
        list.push_back(std::move(item));
    }
    print(stdout, "{}\n", list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

int ps(const Context& context, const PsOptions& options) {
    std::vector<Row> live;
    std::vector<Row> over;
    for (const run::RunDir& dir : run::RunDir::all_visible(context.config().runs_dir)) {
        const auto owner = dir.owner();
        if (const auto record = read_visible(dir); owner && record) {
            Row row{*record, is_carried(*owner, *record)};
            row.record.user = base::user_name(*owner);
            (row.carried ? live : over).push_back(std::move(row));
        }
    }
    const auto newest_first = [](const Row& a, const Row& b) {
        return a.record.created > b.record.created;
    };
    std::sort(over.begin(), over.end(), newest_first);
    std::sort(live.begin(), live.end(), newest_first);
    if (!options.all && over.size() > k_recent) {
        over.resize(k_recent);
    }
    live.insert(live.end(), over.begin(), over.end());
    if (options.json) {
        print_json(live);
    } else if (live.empty()) {
        print(stdout, "no runs\n");
    } else {
        print_table(live);
    }
    return 0;
}

}  // namespace

Action add_ps(CLI::App& program) {
    auto options = std::make_shared<PsOptions>();
    CLI::App* command = program.add_subcommand(
        "ps", "Runs that are waiting, running or tearing down, and the recent ones");
    command->add_flag("--all", options->all, "All that are recorded, not just the last ten");
    command->add_flag("--json", options->json, "As JSON");
    return [options](const Context& context) { return ps(context, *options); };
}

}  // namespace ccci::cli
