#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "etcd/calls.hpp"
#include "etcd/values.hpp"
#include "etcd/watch.hpp"
#include "event/loop.hpp"
#include "http/async_client.hpp"

namespace ccci::etcd {

/// A watch, from the request to its end.
class Watch::Stream : public Calls::Listener, public std::enable_shared_from_this<Stream> {
public:
    Stream(Calls& calls, const Keys& keys, std::int64_t from_revision,
           std::function<void(Batch)> on_events, std::function<void(Failure)> on_end);

    void start();
    /// Nobody is called any more.
    void stop() noexcept;

    void endpoint_failed(const std::string& endpoint, const Failure& why) override;

private:
    void send();
    void take(std::string_view piece);
    void take_line(std::string_view line);
    void take_refusal(const Refusal& refusal);
    void ended(const http::Outcome& outcome);
    void fail(const Refusal& refusal);
    void end(Failure failure);

    Message message_;
    std::int64_t from_revision_;
    std::function<void(Batch)> on_events_;
    std::function<void(Failure)> on_end_;
    bool is_over_ = false;
    bool stands_ = false;
    bool has_authenticated_again_ = false;
    int attempt_ = 0;  ///< counts the requests; what comes of an earlier one is nothing to us
    std::string endpoint_;
    std::string token_;
    std::string text_;  ///< of a line that is not whole yet
    http::Transfer transfer_;
    event::Source until_it_stands_;
};

}  // namespace ccci::etcd
