#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "etcd/keys.hpp"

namespace ccci::etcd {

struct Lease {
    std::int64_t id = 0;
    std::chrono::seconds ttl{};  ///< as granted, which may be longer than what was asked for
};

struct KeyValue {
    std::string key;
    std::string value = {};
    std::int64_t create_revision = 0;
    std::int64_t mod_revision = 0;
    std::int64_t version = 0;  ///< counts the puts since the creation, from 1
    std::int64_t lease = 0;    ///< 0: none
    bool operator==(const KeyValue&) const = default;
};

/// The keys of a range, in the order of their names, and the revision that they were read at: a
/// watch from `revision + 1` misses nothing.
struct Range {
    std::int64_t revision = 0;
    std::vector<KeyValue> values = {};
    bool operator==(const Range&) const = default;
};

/// True or not, of each of these keys. A key that does not exist has create_revision, mod_revision,
/// version and lease 0, and so has a prefix that no key begins with.
struct Compare {
    enum class Field { create_revision, mod_revision, version, lease };
    enum class Relation { equal, not_equal, greater, less };

    Keys keys;
    Field field = Field::create_revision;
    Relation relation = Relation::equal;
    std::int64_t number = 0;
};

struct Put {
    std::string key;
    std::string value = {};
    std::int64_t lease = 0;  ///< 0: none; a lease that does not exist fails all (not_found)
};
struct Delete {
    Keys keys;
};
struct Get {
    Keys keys;
};
using Operation = std::variant<Put, Delete, Get>;

/// All of `then` when every compare holds, else all of `otherwise`; in one revision. A key must not
/// be put twice in it.
struct Transaction {
    std::vector<Compare> compares = {};
    std::vector<Operation> then = {};
    std::vector<Operation> otherwise = {};
};

struct TransactionAnswer {
    bool succeeded = false;  ///< `then` was done, not `otherwise`
    /// That of the change, or, where nothing changed, of what was read.
    std::int64_t revision = 0;
    /// One for each operation that was done, in their order; empty but for a Get.
    std::vector<std::vector<KeyValue>> values = {};
};

struct Event {
    enum class Kind { put, deleted };

    Kind kind = Kind::put;
    /// Of what was deleted, only the key, and as mod_revision that of the deletion.
    KeyValue value;
    bool operator==(const Event&) const = default;
};

/// What changed up to `revision`; empty for the first batch of a watch, which says that it stands.
struct Batch {
    std::int64_t revision = 0;
    std::vector<Event> events = {};
};

}  // namespace ccci::etcd
