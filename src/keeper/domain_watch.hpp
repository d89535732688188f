#pragma once

#include <functional>
#include <memory>
#include <string>

#include "etcd/client.hpp"
#include "keeper/queue.hpp"

namespace ccci::keeper {

/// Follows the keys of one domain: a range, and a watch from the next revision on; whenever the
/// watch ends, both anew.
class DomainWatch {
public:
    struct Calls {
        std::function<void()> on_change;  ///< the queue is another, or was read anew
        /// It cannot be read now, and is tried again.
        std::function<void(const etcd::Failure& failure)> on_trouble;
    };

    DomainWatch(event::Loop& loop, etcd::Client& client, std::string prefix, Calls calls);
    DomainWatch(const DomainWatch&) = delete;
    DomainWatch& operator=(const DomainWatch&) = delete;
    ~DomainWatch() = default;

    [[nodiscard]] const Queue& queue() const { return queue_; }

private:
    void read();
    void follow(std::int64_t from_revision);
    void read_later();

    event::Loop& loop_;
    etcd::Client& client_;
    std::string prefix_;
    Calls calls_;
    Queue queue_;
    etcd::Watch watch_;
    event::Source again_;
    /// A request's answer may come after we are gone.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace ccci::keeper
