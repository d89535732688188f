#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "etcd/failure.hpp"
#include "etcd/settings.hpp"
#include "etcd/values.hpp"
#include "etcd/watch.hpp"
#include "event/loop.hpp"

namespace ccci::etcd {

class Calls;

/// A cluster of etcd (v3), asked through the JSON gateway of one of its members. Every request
/// calls back exactly once, from the loop, never from within the call; with a client that is
/// destroyed its requests end and nobody is called back. A callback may make requests, and must not
/// destroy the client.
///
/// Requests go to the first endpoint of the row. One that cannot be reached, does not answer within
/// the limit, or has no leader goes to the end of the row, and the next one is asked, each once for
/// a request; only then is the answer Failure unreachable. So a request takes the limit for each
/// endpoint at most. What may be sent twice is: a grant (of two, one expires by itself), a
/// keep-alive, a revocation, a range. A transaction that may have been applied is not sent again:
/// its answer is Failure unreachable with may_have_happened, and the caller looks again.
class Client {
public:
    /// Sends nothing yet. Throws std::invalid_argument without an endpoint, and std::bad_alloc.
    Client(event::Loop& loop, Settings settings);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

    void grant(std::chrono::seconds ttl, std::function<void(Answer<Lease>)> done);
    /// The time to live from somewhere between the call and the answer on; zero: there is no such
    /// lease any more.
    void keep_alive(std::int64_t lease, std::function<void(Answer<std::chrono::seconds>)> done);
    /// Deletes the keys of the lease, too. Failure not_found when there is no such lease.
    void revoke(std::int64_t lease, std::function<void(Answer<std::monostate>)> done);
    /// Linearizable: what any member had confirmed before the call is in it.
    void range(Keys keys, std::function<void(Answer<Range>)> done);
    void range(std::string prefix, std::function<void(Answer<Range>)> done) {
        range(Keys::prefix(std::move(prefix)), std::move(done));
    }
    void commit(Transaction transaction, std::function<void(Answer<TransactionAnswer>)> done);

    /// The changes from this revision on, of those that were made before the call, too. `on_events`
    /// gets them in the order of revisions, all of one revision in one batch; first of all an empty
    /// batch, when the watch stands. `on_end` is called at most once and as the last: begin anew,
    /// with a range. No request is repeated by itself.
    ///
    /// The watch is on the endpoint that requests go to. It ends when its connection breaks (which
    /// a silent network shows within ten seconds), when the member has lost its leader for three
    /// election timeouts, and when a request to this endpoint fails so that the next one is asked.
    /// A member that is stopped, and whose host still answers, is only noticed by such a request:
    /// whoever watches and makes no other request, as a keep-alive now and then, may wait forever.
    [[nodiscard]] Watch watch(Keys keys, std::int64_t from_revision,
                              std::function<void(Batch)> on_events,
                              std::function<void(Failure)> on_end);
    [[nodiscard]] Watch watch(std::string prefix, std::int64_t from_revision,
                              std::function<void(Batch)> on_events,
                              std::function<void(Failure)> on_end) {
        return watch(Keys::prefix(std::move(prefix)), from_revision, std::move(on_events),
                     std::move(on_end));
    }

private:
    std::unique_ptr<Calls> calls_;
};

}  // namespace ccci::etcd
