#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "etcd/client.hpp"
#include "event/loop.hpp"
#include "support/etcd_server.hpp"
#include "support/readiness.hpp"

namespace ccci::etcd {

/// A client whose answers are waited for.
class Asking {
public:
    explicit Asking(Settings settings) : client{loop, std::move(settings)} {}

    /// Turns the loop until the condition holds. False when it never does.
    bool turn_until(const std::function<bool()>& holds) {
        event::Source patience = loop.after(test::k_patience, [&] { loop.stop(); });
        patience.before_waiting([&] {
            if (holds()) {
                loop.stop();
            }
        });
        loop.run();
        return holds();
    }

    template <typename T>
    Answer<T> answer_of(const std::function<void(std::function<void(Answer<T>)>)>& ask) {
        std::optional<Answer<T>> answer;
        ask([&](Answer<T> come) { answer = std::move(come); });
        if (!turn_until([&] { return answer.has_value(); })) {
            return Failure{.text = "the test has waited long enough"};
        }
        return std::move(*answer);
    }

    Answer<Lease> grant(std::chrono::seconds ttl) {
        return answer_of<Lease>([&](auto done) { client.grant(ttl, done); });
    }
    Answer<std::chrono::seconds> keep_alive(std::int64_t lease) {
        return answer_of<std::chrono::seconds>([&](auto done) { client.keep_alive(lease, done); });
    }
    Answer<std::monostate> revoke(std::int64_t lease) {
        return answer_of<std::monostate>([&](auto done) { client.revoke(lease, done); });
    }
    Answer<Range> range(const Keys& keys) {
        return answer_of<Range>([&](auto done) { client.range(keys, done); });
    }
    Answer<TransactionAnswer> commit(const Transaction& transaction) {
        return answer_of<TransactionAnswer>([&](auto done) { client.commit(transaction, done); });
    }
    Answer<TransactionAnswer> put(std::string key, std::string value, std::int64_t lease = 0) {
        return commit({.then = {Put{std::move(key), std::move(value), lease}}});
    }

    event::Loop loop;
    Client client;
};

}  // namespace ccci::etcd
