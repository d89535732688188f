#pragma once

#include <string>
#include <utility>

namespace ccci::etcd {

/// What a range, a deletion or a watch is about.
struct Keys {
    std::string key = {};
    bool as_prefix = false;  ///< all keys that begin with `key`

    static Keys one(std::string key) { return {std::move(key), false}; }
    static Keys prefix(std::string prefix) { return {std::move(prefix), true}; }

    /// The first key after these, as etcd wants it: empty for one key, a zero byte for "to the
    /// end".
    [[nodiscard]] std::string range_end() const;
};

}  // namespace ccci::etcd
