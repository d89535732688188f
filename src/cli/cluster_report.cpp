#include "cli/cluster_report.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/programs.hpp"

namespace ccci::cli {

using nlohmann::json;

namespace {

ClusterRow row_from(const json& domain) {
    ClusterRow row{.domain = domain.at("domain").get<std::string>(),
                   .claims = {},
                   .unfinished = domain.at("unfinished").get<bool>()};
    for (const json& claim : domain.at("claims")) {
        if (auto claimant = lease::parse_claimant(claim.dump())) {
            row.claims.push_back(std::move(*claimant));
        }
    }
    return row;
}

}  // namespace

std::vector<ClusterRow> read_cluster(const run::Config& config) {
    const run::Program keeper = keeper_call({"list"}, config, base::own_environment());
    const base::Output said = base::run_and_capture(
        {.argv = keeper.argv, .environment = keeper.environment, .death_signal = SIGKILL});
    if (!said.status.success()) {
        std::string reason = base::printable(base::trim(said.text), 300);
        const std::string prefix = "cc-ci: ";
        if (reason.starts_with(prefix)) {
            reason.erase(0, prefix.size());
        }
        throw std::runtime_error{reason};
    }
    std::vector<ClusterRow> rows;
    for (const json& domain : json::parse(said.text)) {
        rows.push_back(row_from(domain));
    }
    return rows;
}

void to_json(json& out, const ClusterRow& row) {
    out = {{"domain", row.domain}, {"unfinished", row.unfinished}, {"claims", json::array()}};
    for (const lease::Claimant& claim : row.claims) {
        out["claims"].push_back({{"run", claim.run},
                                 {"host", claim.host},
                                 {"unit", claim.unit},
                                 {"user", claim.user},
                                 {"since", base::format_time(claim.since)}});
    }
}

}  // namespace ccci::cli
