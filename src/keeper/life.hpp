#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "etcd/client.hpp"
#include "event/loop.hpp"

namespace ccci::keeper {

/// Keeps one lease alive for as long as it exists.
class Life {
public:
    using Time = std::chrono::steady_clock::time_point;

    struct Calls {
        std::function<void(Time until)> on_valid;
        std::function<void(const std::string& text)> on_trouble;
        std::function<void()> on_gone;  ///< there is no such lease any more; the last call
    };

    /// Asks at once. `ttl` is what was asked for at its beginning.
    Life(event::Loop& loop, etcd::Client& client, std::int64_t lease, std::chrono::microseconds ttl,
         Calls calls);
    Life(const Life&) = delete;
    Life& operator=(const Life&) = delete;
    ~Life() = default;

private:
    void ask();
    void heard(Time sent, const etcd::Answer<std::chrono::seconds>& answer);

    event::Loop& loop_;
    etcd::Client& client_;
    std::int64_t lease_;
    std::chrono::microseconds interval_;
    Calls calls_;
    event::Source next_;
    /// A request's answer may come after we are gone.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace ccci::keeper
