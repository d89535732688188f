#include "etcd/client.hpp"

#include <stdexcept>
#include <utility>

#include "etcd/calls.hpp"
#include "etcd/codec.hpp"
#include "etcd/stream.hpp"

namespace ccci::etcd {

namespace {

/// Reads the answer with `read`, and passes it on.
template <typename T, typename Read>
Calls::Done reading(std::function<void(Answer<T>)> done, Read read) {
    return [done = std::move(done), read = std::move(read)](Answer<Calls::Reply> answer) {
        if (auto* failure = std::get_if<Failure>(&answer)) {
            done(std::move(*failure));
            return;
        }
        const auto& reply = std::get<Calls::Reply>(answer);
        Answer<T> result;
        try {
            result = T{read(reply.body)};
        } catch (const std::invalid_argument& error) {
            result = failure_at(reply.endpoint, {.reason = error.what(), .is_undone = false});
        }
        done(std::move(result));
    };
}

}  // namespace

Client::Client(event::Loop& loop, Settings settings)
    : calls_{std::make_unique<Calls>(loop, std::move(settings))} {}

Client::~Client() = default;

void Client::grant(std::chrono::seconds ttl, std::function<void(Answer<Lease>)> done) {
    calls_->post(grant_message(ttl), Calls::Repeat::allowed,
                 reading<Lease>(std::move(done), read_lease));
}

void Client::keep_alive(std::int64_t lease,
                        std::function<void(Answer<std::chrono::seconds>)> done) {
    calls_->post(keep_alive_message(lease), Calls::Repeat::allowed,
                 reading<std::chrono::seconds>(std::move(done), read_keep_alive));
}

void Client::revoke(std::int64_t lease, std::function<void(Answer<std::monostate>)> done) {
    calls_->post(revoke_message(lease), Calls::Repeat::allowed,
                 reading<std::monostate>(std::move(done), [](const std::string& body) {
                     read_revoked(body);
                     return std::monostate{};
                 }));
}

void Client::range(Keys keys, std::function<void(Answer<Range>)> done) {
    calls_->post(range_message(keys), Calls::Repeat::allowed,
                 reading<Range>(std::move(done), read_range));
}

void Client::commit(Transaction transaction, std::function<void(Answer<TransactionAnswer>)> done) {
    Message message = commit_message(transaction);
    calls_->post(std::move(message), Calls::Repeat::never,
                 reading<TransactionAnswer>(std::move(done), [transaction = std::move(transaction)](
                                                                 const std::string& body) {
                     return read_commit(body, transaction);
                 }));
}

Watch Client::watch(Keys keys, std::int64_t from_revision, std::function<void(Batch)> on_events,
                    std::function<void(Failure)> on_end) {
    auto stream = std::make_shared<Watch::Stream>(*calls_, keys, from_revision,
                                                  std::move(on_events), std::move(on_end));
    stream->start();
    return Watch{std::move(stream)};
}

}  // namespace ccci::etcd
