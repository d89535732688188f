#include "keeper/transactions.hpp"

#include "keeper/queue.hpp"

namespace ccci::keeper {

namespace {

using etcd::Compare;
using etcd::Keys;

Compare is_ours(const ClaimKeys& keys, std::int64_t revision) {
    return {.keys = Keys::one(keys.claim),
            .field = Compare::Field::create_revision,
            .relation = Compare::Relation::equal,
            .number = revision};
}

void add_marks(const ClaimKeys& keys, const Entry& entry, etcd::Transaction& transaction) {
    transaction.then.emplace_back(etcd::Put{.key = keys.unfinished, .value = entry.value});
    if (entry.own_teardown) {
        transaction.then.emplace_back(etcd::Put{.key = keys.own_teardown, .value = entry.value});
    }
}

}  // namespace

ClaimKeys claim_keys(const std::string& prefix, const std::string& domain, std::int64_t lease) {
    return {.domain = domain_prefix(prefix, domain),
            .queue = domain_prefix(prefix, domain) + "queue/",
            .claim = claim_key(prefix, domain, lease),
            .unfinished = unfinished_key(prefix, domain),
            .own_teardown = own_teardown_key(prefix, domain)};
}

etcd::Transaction enter(const ClaimKeys& keys, const Entry& entry) {
    const etcd::Put claim{.key = keys.claim, .value = entry.value, .lease = entry.lease};
    const etcd::Get all{Keys::prefix(keys.domain)};
    etcd::Transaction transaction{// No key of a range that is empty was ever made.
                                  .compares = {{.keys = Keys::prefix(keys.queue),
                                                .field = Compare::Field::create_revision,
                                                .relation = Compare::Relation::equal,
                                                .number = 0}},
                                  .then = {all, claim},
                                  .otherwise = {all}};
    if (entry.marks) {
        add_marks(keys, entry, transaction);
    }
    if (entry.wait) {
        transaction.otherwise.emplace_back(claim);
    }
    return transaction;
}

etcd::Transaction mark_unfinished(const ClaimKeys& keys, std::int64_t revision,
                                  const Entry& entry) {
    etcd::Transaction transaction{.compares = {is_ours(keys, revision)}};
    add_marks(keys, entry, transaction);
    return transaction;
}

etcd::Transaction give_back(const ClaimKeys& keys, std::int64_t revision) {
    return {
        .compares = {is_ours(keys, revision)},
        .then = {etcd::Delete{Keys::one(keys.unfinished)},
                 etcd::Delete{Keys::one(keys.own_teardown)}, etcd::Delete{Keys::one(keys.claim)}},
        .otherwise = {}};
}

}  // namespace ccci::keeper
