#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "lease/claimant.hpp"
#include "run/config.hpp"

namespace ccci::cli {

/// A domain as all hosts see it.
struct ClusterRow {
    std::string domain;
    std::vector<lease::Claimant> claims;  ///< in the order of the queue: the first has the domain
    bool unfinished = false;  ///< the last one who had it did not say that nothing is left
};

/// What etcd says of all domains. Throws std::runtime_error when it cannot be asked.
std::vector<ClusterRow> read_cluster(const run::Config& config);

void to_json(nlohmann::json& out, const ClusterRow& row);

}  // namespace ccci::cli
