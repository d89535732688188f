#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/process.hpp"
#include "lease/claimant.hpp"

namespace ccci::lease {

struct Claim {
    Claimant claimant;
    std::int64_t revision = 0;  ///< that it was made at: the order of the queue

    bool operator==(const Claim&) const = default;
};

/// A domain as all hosts see it.
struct Domain {
    std::string name;
    std::vector<Claim> claims = {};  ///< in the order of the queue: the first has the domain
    bool unfinished = false;         ///< the last one who had it did not say that nothing is left
    bool own_teardown = false;       ///< what is left only a command of its own undoes

    bool operator==(const Domain&) const = default;
};

void to_json(nlohmann::json& out, const Domain& domain);
/// Throws nlohmann::json::exception, and std::invalid_argument for what is no time.
void from_json(const nlohmann::json& in, Domain& domain);

/// What etcd says of all domains, by way of `list`, a call of the keeper. Throws
/// std::runtime_error, one line, when it cannot be asked.
std::vector<Domain> ask_for_domains(base::Command list);

}  // namespace ccci::lease
