#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "etcd/values.hpp"

namespace ccci::etcd {

// The JSON of etcd's gateway: keys and values are base64, numbers of 64 bits are texts, and what is
// zero or empty is left out.

/// What is posted, and where.
struct Message {
    std::string path;
    std::string body;
};

Message grant_message(std::chrono::seconds ttl);
Message keep_alive_message(std::int64_t lease);
Message revoke_message(std::int64_t lease);
Message range_message(const Keys& keys);
Message commit_message(const Transaction& transaction);
Message watch_message(const Keys& keys, std::int64_t from_revision);
Message authenticate_message(const std::string& user, const std::string& password);

// What came of it. Any text may come: what is no such answer throws std::invalid_argument, with one
// printable line.

Lease read_lease(std::string_view body);
/// Zero when there is no such lease.
std::chrono::seconds read_keep_alive(std::string_view body);
void read_revoked(std::string_view body);
Range read_range(std::string_view body);
/// `transaction` is the one that was committed: the answer must be one to it.
TransactionAnswer read_commit(std::string_view body, const Transaction& transaction);
std::string read_token(std::string_view body);

/// A line of a watch.
struct WatchLine {
    bool created = false;
    bool cancelled = false;
    std::int64_t compact_revision = 0;  ///< cancelled since it began before this one; else 0
    std::string reason = {};            ///< why it was cancelled, if that was said
    std::vector<Event> events = {};
};
WatchLine read_watch_line(std::string_view text);

}  // namespace ccci::etcd
