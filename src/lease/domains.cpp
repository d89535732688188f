#include "lease/domains.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace ccci::lease {

using nlohmann::json;

namespace {

json to_json(const Claim& claim) {
    return {{"run", claim.claimant.run},   {"host", claim.claimant.host},
            {"unit", claim.claimant.unit}, {"user", claim.claimant.user},
            {"revision", claim.revision},  {"since", base::format_time(claim.claimant.since)}};
}

Claim claim_from(const json& in) {
    return {.claimant = {.run = in.at("run"),
                         .host = in.at("host"),
                         .unit = in.at("unit"),
                         .user = in.at("user"),
                         .since = base::parse_time(in.at("since").get<std::string>())},
            .revision = in.at("revision")};
}

}  // namespace

void to_json(json& out, const Domain& domain) {
    out = {{"domain", domain.name},
           {"unfinished", domain.unfinished},
           {"own_teardown", domain.own_teardown},
           {"claims", json::array()}};
    for (const Claim& claim : domain.claims) {
        out["claims"].push_back(to_json(claim));
    }
}

void from_json(const json& in, Domain& domain) {
    domain = {.name = in.at("domain"),
              .claims = {},
              .unfinished = in.at("unfinished"),
              .own_teardown = in.at("own_teardown")};
    for (const json& claim : in.at("claims")) {
        domain.claims.push_back(claim_from(claim));
    }
}

std::vector<Domain> ask_for_domains(base::Command list) {
    list.death_signal = SIGKILL;
    const base::Output said = base::run_and_capture(std::move(list));
    if (!said.status.success()) {
        std::string reason = base::printable(base::trim(said.text), 300);
        const std::string prefix = "cc-ci: ";
        throw std::runtime_error{reason.starts_with(prefix) ? reason.substr(prefix.size())
                                                            : reason};
    }
    try {
        return json::parse(said.text).get<std::vector<Domain>>();
    } catch (const std::exception& error) {
        throw std::runtime_error{
            fmt::format("the list of domains is not readable: {}", error.what())};
    }
}

}  // namespace ccci::lease
