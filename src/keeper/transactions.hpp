#pragma once

#include <cstdint>
#include <string>

#include "etcd/values.hpp"

namespace ccci::keeper {

/// The keys of one claim on a domain.
struct ClaimKeys {
    std::string domain;  ///< prefix of all of the domain's
    std::string queue;   ///< prefix of all claims on it
    std::string claim;   ///< ours
    std::string unfinished;
    std::string own_teardown;
};

ClaimKeys claim_keys(const std::string& prefix, const std::string& domain, std::int64_t lease);

/// What is to be asked for.
struct Entry {
    std::string value;  ///< of the claim
    std::int64_t lease = 0;
    bool wait = true;   ///< false: no claim is made where there is another
    bool marks = true;  ///< says `unfinished` where the domain is had at once
    /// What will be deployed goes by a command of its own: this is said until nothing is left,
    /// whoever has the domain after us.
    bool own_teardown = false;
};

/// Makes the claim. Its first answer has the domain's keys as they were before. Succeeds when there
/// was no other claim, so that the domain is ours.
etcd::Transaction enter(const ClaimKeys& keys, const Entry& entry);

/// Says that somebody is at work; succeeds while our claim, made at that revision, is there.
etcd::Transaction mark_unfinished(const ClaimKeys& keys, std::int64_t revision, const Entry& entry);

/// Gives the domain back, nothing being left; succeeds while our claim is there.
etcd::Transaction give_back(const ClaimKeys& keys, std::int64_t revision);

}  // namespace ccci::keeper
