#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/lock_report.hpp"
#include "cli/print.hpp"

namespace ccci::cli {

namespace {

using Cells = std::array<std::string, 7>;

std::string age_of(const std::optional<run::Time>& since) {
    if (!since) {
        return "-";
    }
    const auto age = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now() - *since);
    return base::format_duration(std::max(age, std::chrono::microseconds{0}));
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : base::printable(text);
}

std::string note_on(const LockRow& row) {
    switch (row.view) {
        case locks::LockView::held:
            return row.holder ? or_dash(row.holder->unit) : "nobody left a name";
        case locks::LockView::free:
            return row.leftover ? "left by a run that did not finish" : "-";
        case locks::LockView::unknown:
            break;
    }
    return base::printable(row.reason, 300);
}

Cells holder_cells(const LockRow& row) {
    const bool held = row.view == locks::LockView::held;
    const auto& holder = row.holder;
    return {base::printable(row.domain),
            to_string(row.view),
            holder ? or_dash(holder->run) : "-",
            holder ? or_dash(holder->user) : "-",
            holder ? age_of(holder->since) : "-",
            held && holder && holder->until ? base::format_clock(*holder->until) : "-",
            note_on(row)};
}

Cells waiter_cells(const LockRow& row, const LockWaiter& waiter) {
    return {
        base::printable(row.domain), "waiting", or_dash(waiter.run),         or_dash(waiter.user),
        age_of(waiter.since),        "-",       base::printable(waiter.what)};
}

void print_lock_table(const std::vector<LockRow>& rows) {
    std::vector<Cells> table{{"DOMAIN", "LOCK", "RUN", "USER", "FOR", "UNTIL", "NOTE"}};
    for (const LockRow& row : rows) {
        table.push_back(holder_cells(row));
        for (const LockWaiter& waiter : row.waiters) {
            table.push_back(waiter_cells(row, waiter));
        }
    }
    std::array<std::size_t, 7> widths{};
    for (const Cells& line : table) {
        for (std::size_t column = 0; column < line.size(); ++column) {
            widths[column] = std::max(widths[column], line[column].size());
        }
    }
    for (const Cells& line : table) {
        std::string text;
        for (std::size_t column = 0; column + 1 < line.size(); ++column) {
            text += fmt::format("{:<{}}  ", line[column], widths[column]);
        }
        print(stdout, "{}{}\n", text, line.back());
    }
}

int show_locks(const Context& context, bool as_json) {
    const run::Config config = context.config();
    const std::vector<LockRow> rows = read_locks(config);
    if (as_json) {
        const nlohmann::json whole{
            {"version", 1}, {"lock_dir", config.lock_dir.native()}, {"locks", rows}};
        print(stdout, "{}\n", whole.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    } else if (rows.empty()) {
        print(stdout, "no locks\n");
    } else {
        print_lock_table(rows);
    }
    return 0;
}

}  // namespace

Action add_locks(CLI::App& program) {
    auto as_json = std::make_shared<bool>(false);
    CLI::App* command =
        program.add_subcommand("locks", "Every domain's lock: who holds it, and who waits for it");
    command->add_flag("--json", *as_json, "As JSON");
    return [as_json](const Context& context) { return show_locks(context, *as_json); };
}

}  // namespace ccci::cli
