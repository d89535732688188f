#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "lease/claimant.hpp"

namespace ccci::lease {

/// Others have the domain, or come before us.
struct Queued {
    std::size_t before = 0;  ///< claims that come before ours, the holder's among them
    std::optional<Claimant> holder;

    bool operator==(const Queued&) const = default;
};

/// The domain is ours. The numbers are etcd's.
struct Held {
    std::int64_t lease = 0;
    /// The revision that our key was made at: of two holders, the later one has the higher.
    std::int64_t revision = 0;
    bool had_predecessor = false;  ///< which did not finish

    bool operator==(const Held&) const = default;
};

/// A keep-alive was confirmed.
struct Valid {
    std::chrono::steady_clock::time_point until;

    bool operator==(const Valid&) const = default;
};

/// A newer claim wants whoever is before it to stop.
struct Superseded {
    Claimant by;

    bool operator==(const Superseded&) const = default;
};

/// Something does not work, and is tried on.
struct Trouble {
    std::string text;

    bool operator==(const Trouble&) const = default;
};

/// There is no lease any more, or our key is gone: somebody else may have the domain.
struct Lost {
    std::string reason;

    bool operator==(const Lost&) const = default;
};

/// The domain was not had, and is not waited for any more.
struct Refused {
    std::string reason;
    bool taken = false;  ///< by another, who was not to be waited for; else etcd could not be asked

    bool operator==(const Refused&) const = default;
};

/// The domain was given back.
struct Released {
    bool operator==(const Released&) const = default;
};

/// What a keeper says, a line each.
using KeeperLine = std::variant<Queued, Held, Valid, Superseded, Trouble, Lost, Refused, Released>;

/// What a keeper is told, a line each.
enum class Order {
    carried,   ///< from now on a unit may live on the lease: the end of who asked frees nothing
    release,   ///< give the domain back: nothing of it is left
    leave,     ///< give it up, and let the next one know that something may be left
    withdraw,  ///< give it up: nothing was done under it
};

/// One line of JSON with its line end.
std::string encode(const KeeperLine& line);
/// Anything that encode() did not make is Trouble with that text.
KeeperLine parse_keeper_line(const std::string& text);

std::string encode(Order order);
std::optional<Order> parse_order(const std::string& text);

}  // namespace ccci::lease
