#pragma once

#include <string>
#include <variant>

namespace ccci::etcd {

/// Why there is no answer.
struct Failure {
    enum class Kind {
        unreachable,  ///< no member that has a leader answered in time
        denied,       ///< user, password or certificate are refused, or lack the permission
        no_space,     ///< the database has reached its quota: only deletions pass
        compacted,    ///< the revision that was asked for is no longer there
        not_found,    ///< there is no such lease
        refused,      ///< any other answer, and one that nobody understands
    };

    Kind kind = Kind::unreachable;
    /// One line that names the endpoint: "etcd at https://10.0.0.1:2379: connection refused".
    std::string text = {};
    /// What was asked for may have been done all the same, now or in a moment.
    bool may_have_happened = false;
};

template <typename T>
using Answer = std::variant<T, Failure>;

}  // namespace ccci::etcd
