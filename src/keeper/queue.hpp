#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "etcd/values.hpp"
#include "lease/claimant.hpp"

namespace ccci::keeper {

// Below the prefix, a domain has these keys:
//
//   <domain>/queue/<lease, 16 hex digits>   a claim; gone with its lease
//   <domain>/unfinished                     somebody is at work, or died at it; goes when nothing
//                                           is left
//   <domain>/own_teardown                   the same, where a command of its own alone undoes it

std::string domain_prefix(const std::string& prefix, const std::string& domain);
std::string claim_key(const std::string& prefix, const std::string& domain, std::int64_t lease);
std::string unfinished_key(const std::string& prefix, const std::string& domain);
std::string own_teardown_key(const std::string& prefix, const std::string& domain);

/// One who asks for a domain, or has it.
struct Claim {
    std::string key;
    std::int64_t revision = 0;  ///< that its key was made at: the order of the queue
    lease::Claimant claimant;

    bool operator==(const Claim&) const = default;
};

/// Where a claim stands in the queue of its domain.
struct Place {
    std::size_t before = 0;              ///< how many come before it; 0: the domain is its
    std::int64_t revision = 0;           ///< of its own
    std::optional<Claim> holder;         ///< who has the domain, if that is another
    std::optional<Claim> superseded_by;  ///< the last that came after it and wants it to stop

    bool operator==(const Place&) const = default;
};

/// What is known of one domain's keys. The claim that was made at the lowest revision has the
/// domain: etcd gives each revision once, so there is no doubt about the order, and no two hosts
/// see another one.
class Queue {
public:
    explicit Queue(std::string domain_prefix) : prefix_{std::move(domain_prefix)} {}

    /// Everything there is, of one revision.
    void replace(const std::vector<etcd::KeyValue>& values);
    void apply(const etcd::Event& event);

    /// In order; the first has the domain.
    [[nodiscard]] const std::map<std::int64_t, Claim>& claims() const { return claims_; }
    /// nullopt: that claim is not, or no more, in the queue.
    [[nodiscard]] std::optional<Place> place_of(const std::string& key) const;
    /// Whoever had the domain last did not get as far as saying that nothing is left.
    [[nodiscard]] bool is_unfinished() const { return unfinished_; }
    /// And what only a command of its own undoes.
    [[nodiscard]] bool has_own_teardown() const { return own_teardown_; }

private:
    void put(const etcd::KeyValue& value);

    std::string prefix_;
    std::map<std::int64_t, Claim> claims_;
    bool unfinished_ = false;
    bool own_teardown_ = false;
};

}  // namespace ccci::keeper
