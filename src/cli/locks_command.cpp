#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/colour.hpp"
#include "base/duration.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/lock_report.hpp"
#include "cli/look.hpp"
#include "cli/print.hpp"
#include "cli/programs.hpp"
#include "cli/table.hpp"
#include "lease/domains.hpp"

namespace ccci::cli {

namespace {

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

base::Colour lock_colour(const LockRow& row) {
    const bool odd = row.leftover || row.view == locks::LockView::unknown;
    return odd ? base::Colour::yellow : base::Colour::plain;
}

std::vector<Cell> holder_cells(const LockRow& row) {
    const bool held = row.view == locks::LockView::held;
    const auto& holder = row.holder;
    return {{base::printable(row.domain)},
            {to_string(row.view), lock_colour(row)},
            {holder ? or_dash(holder->run) : "-"},
            {holder ? or_dash(holder->user) : "-"},
            {holder ? age_of(holder->since) : "-"},
            {held && holder && holder->until ? base::format_clock(*holder->until) : "-"},
            {note_on(row)}};
}

std::vector<Cell> waiter_cells(const LockRow& row, const LockWaiter& waiter) {
    return {{base::printable(row.domain)}, {"waiting"},
            {or_dash(waiter.run)},         {or_dash(waiter.user)},
            {age_of(waiter.since)},        {"-"},
            {base::printable(waiter.what)}};
}

void print_lock_table(const std::vector<LockRow>& rows, const Look& look) {
    Table table{{{.name = "DOMAIN", .least = 11},
                 {.name = "LOCK"},
                 {.name = "RUN", .least = 8},
                 {.name = "USER", .least = 8},
                 {.name = "FOR"},
                 {.name = "UNTIL"},
                 {.name = "NOTE", .least = 8}}};
    for (const LockRow& row : rows) {
        table.add(holder_cells(row));
        for (const LockWaiter& waiter : row.waiters) {
            table.add(waiter_cells(row, waiter));
        }
    }
    print(stdout, "{}\n", base::join(table.lines(look), "\n"));
}

/// A row for each who has a domain, or waits for it, on whatever host.
void print_cluster_table(const std::vector<lease::Domain>& domains, const Look& look) {
    Table table{{{.name = "DOMAIN", .least = 11},
                 {.name = "PLACE"},
                 {.name = "HOST", .least = 8},
                 {.name = "RUN", .least = 8},
                 {.name = "USER", .least = 8},
                 {.name = "FOR"}}};
    for (const lease::Domain& domain : domains) {
        for (std::size_t at = 0; at < domain.claims.size(); ++at) {
            const lease::Claimant& claim = domain.claims[at].claimant;
            table.add({{base::printable(domain.name)},
                       {at == 0 ? std::string{"holder"} : std::to_string(at)},
                       {or_dash(claim.host)},
                       {or_dash(claim.run)},
                       {or_dash(claim.user)},
                       {age_of(claim.since)}});
        }
        if (domain.claims.empty()) {
            table.add({{base::printable(domain.name)},
                       {"free", base::Colour::yellow},
                       {"-"},
                       {"-"},
                       {"-"},
                       {"-"}});
        }
    }
    print(stdout, "{}\n", base::join(table.lines(look), "\n"));
}

std::vector<lease::Domain> read_cluster(const run::Config& config) {
    run::Program list = keeper_call({"list"}, config, base::own_environment());
    return lease::ask_for_domains(
        {.argv = std::move(list.argv), .environment = std::move(list.environment)});
}

int show_locks(const Context& context, bool as_json) {
    const run::Config config = context.config();
    const std::vector<LockRow> rows = read_locks(config);
    const bool for_several_hosts = config.lock.engine == run::LockEngine::etcd;
    const auto cluster = for_several_hosts ? read_cluster(config) : std::vector<lease::Domain>{};
    if (as_json) {
        nlohmann::json whole{
            {"version", 1}, {"lock_dir", config.lock_dir.native()}, {"locks", rows}};
        if (for_several_hosts) {
            whole["cluster"] = cluster;
        }
        print(stdout, "{}\n", whole.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
        return 0;
    }
    const Look look = look_of(STDOUT_FILENO, context.environment);
    if (rows.empty()) {
        print(stdout, "{}\n", for_several_hosts ? "no locks of this host" : "no locks");
    } else {
        print_lock_table(rows, look);
    }
    if (for_several_hosts && cluster.empty()) {
        print(stdout, "no locks of all hosts\n");
    } else if (for_several_hosts) {
        print(stdout, "\n");
        print_cluster_table(cluster, look);
    }
    return 0;
}

}  // namespace

Action add_locks(CLI::App& program) {
    auto as_json = std::make_shared<bool>(false);
    CLI::App* command = program.add_subcommand("locks");
    command->add_flag("--json", *as_json);
    return [as_json](const Context& context) { return show_locks(context, *as_json); };
}

}  // namespace ccci::cli
