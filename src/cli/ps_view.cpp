#include "cli/ps_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/user.hpp"
#include "cli/table.hpp"

namespace ccci::cli {

namespace {

using std::chrono::microseconds;

constexpr const char* k_nothing = "-";
/// Of the deadline, in percent: from here on it is worth a look.
constexpr std::int64_t k_late = 80;

std::string shown(const std::string& text) {
    return text.empty() ? k_nothing : base::printable(text);
}

std::string span_text(const std::optional<run::Time>& from, const std::optional<run::Time>& to) {
    if (!from || !to || *to < *from) {
        return k_nothing;
    }
    return base::format_duration(std::chrono::duration_cast<microseconds>(*to - *from));
}

Cell left_of(const inspect::ListedRun& run, run::Time now) {
    if (!run.carried || !run.record.started) {
        return {k_nothing};
    }
    const auto end =
        *run.record.started + std::chrono::duration_cast<run::Time::duration>(run.record.deadline);
    return {span_text(now, std::max(end, now))};
}

Cell used_of(const inspect::ListedRun& run, run::Time now) {
    if (!run.carried || !run.record.started || run.record.deadline.count() <= 0) {
        return {k_nothing};
    }
    const auto since = std::chrono::duration_cast<microseconds>(now - *run.record.started);
    const auto percent =
        static_cast<std::int64_t>(100.0 * static_cast<double>(since.count()) /
                                  static_cast<double>(run.record.deadline.count()));
    return {fmt::format("{}%", std::clamp<std::int64_t>(percent, 0, 999)),
            percent >= k_late ? base::Colour::yellow : base::Colour::plain};
}

}  // namespace

std::vector<std::string> ps_lines(const std::vector<inspect::ListedRun>& runs, run::Time now,
                                  const Look& look) {
    if (runs.empty()) {
        return {"no runs"};
    }
    Table table{{{.name = "RUN", .least = 8},
                 {.name = "DOMAIN", .least = 11},
                 {.name = "STATE"},
                 {.name = "PHASE", .least = 7},
                 {.name = "ELAPSED"},
                 {.name = "LEFT"},
                 {.name = "USED"},
                 {.name = "JOB", .least = 8}}};
    for (const inspect::ListedRun& run : runs) {
        const std::string state = inspect::shown_state(run.record, run.carried);
        table.add(
            {{run.record.run},
             {shown(run.record.domain)},
             {state, colour_of(state)},
             {shown(run.record.phase)},
             {span_text(run.record.created, run.carried ? std::optional{now} : run.record.ended)},
             left_of(run, now),
             used_of(run, now),
             {shown(run.record.job)}});
    }
    return table.lines(look);
}

nlohmann::json ps_json(const std::vector<inspect::ListedRun>& runs) {
    std::map<uid_t, std::string> names;
    nlohmann::json list = nlohmann::json::array();
    for (const inspect::ListedRun& run : runs) {
        auto name = names.find(run.owner);
        if (name == names.end()) {
            name = names.emplace(run.owner, base::user_name(run.owner)).first;
        }
        nlohmann::json item = run.record;
        item["user"] = name->second;  // whatever the record says
        item["shown_state"] = inspect::shown_state(run.record, run.carried);
        list.push_back(std::move(item));
    }
    return list;
}

}  // namespace ccci::cli
