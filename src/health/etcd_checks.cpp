#include "health/etcd_checks.hpp"

#include <fmt/format.h>

#include "base/duration.hpp"

namespace ccci::health {

namespace {

const Subject k_etcd{"etcd",
                     "domains are locked for several hosts there; without it no run begins, and "
                     "those that are at work are fenced"};

}  // namespace

Checks judge_etcd(const EtcdFacts& facts) {
    if (!facts.problem.empty()) {
        return {k_etcd.failed(facts.problem,
                              advice("see that a majority of its members is up, and that this host "
                                     "reaches the endpoints of the key 'lock'"))};
    }
    const std::string found = fmt::format("it answers in {}", base::format_duration(facts.took));
    if (facts.endpoints < 2) {
        return {k_etcd.warning(found + ", and there is one endpoint only",
                               configuration("name each member in 'endpoints' of the key 'lock': "
                                             "one that is down then fences no run"))};
    }
    return {k_etcd.ok(found)};
}

}  // namespace ccci::health
